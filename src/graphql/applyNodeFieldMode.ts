import { type DocumentNode, Kind, type ObjectTypeDefinitionNode, visit } from 'graphql'

/**
 * How the subgraph defines `Query.node` and `Query.nodes`. `own`: only this subgraph resolves the fields. `shared`: the
 * fields are `@shareable`, so that several subgraphs can resolve both. `off`: the subgraph has neither field.
 */
export type NodeFieldMode = 'own' | 'shared' | 'off'

const NODE_FIELDS: ReadonlySet<string> = new Set(['node', 'nodes'])
const SHAREABLE = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'shareable' } } as const

/** Changes only the type `Query`. All types keep the `Node` interface. */
export function applyNodeFieldMode(typeDefs: DocumentNode, visibility: NodeFieldMode): DocumentNode {
  if (visibility === 'own') return typeDefs
  return visit(typeDefs, {
    ObjectTypeDefinition: type => (type.name.value === 'Query' ? changeQueryType(type, visibility) : false),
  })
}

function changeQueryType(query: ObjectTypeDefinitionNode, visibility: 'shared' | 'off'): ObjectTypeDefinitionNode {
  const fields = (query.fields ?? []).flatMap(field => {
    if (!NODE_FIELDS.has(field.name.value)) return [field]
    return visibility === 'off' ? [] : [{ ...field, directives: [...(field.directives ?? []), SHAREABLE] }]
  })
  return { ...query, fields }
}
