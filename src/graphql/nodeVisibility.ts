import { type DocumentNode, Kind, type ObjectTypeDefinitionNode, visit } from 'graphql'

/** Whether `Query.node` and `Query.nodes` are this graph's alone, shared with other subgraphs, or left to these. */
export type NodeLookUps = 'own' | 'shared' | 'off'

const LOOK_UPS: ReadonlySet<string> = new Set(['node', 'nodes'])

/** The contract with its look-ups by `id` as they are set. What implements `Node` does so in each of them. */
export const withNodeLookUps = (contract: DocumentNode, setting: NodeLookUps): DocumentNode =>
  setting === 'own'
    ? contract
    : visit(contract, {
        ObjectTypeDefinition: type => (type.name.value === 'Query' ? changed(type, setting) : false),
      })

const changed = (query: ObjectTypeDefinitionNode, setting: 'shared' | 'off'): ObjectTypeDefinitionNode => ({
  ...query,
  fields: (query.fields ?? []).flatMap(field => {
    if (!LOOK_UPS.has(field.name.value)) return [field]
    return setting === 'off' ? [] : [{ ...field, directives: [...(field.directives ?? []), SHAREABLE] }]
  }),
})

const SHAREABLE = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'shareable' } } as const
