import { collectFields, collectSubFields, getDefinedRootType, type VariableValues } from '@graphql-tools/utils'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import type { ArgumentNumbers } from './argumentIds.ts'
import { Field } from './field.ts'
import type { Selection } from './executionTypes.ts'

/**
 * What an operation asks for, for one set of values of the variables that decide what is left out. Made as it is first
 * run, so that what no object calls for is never made, and errors in it come where the executor has them.
 */
export class Plan {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly #grown: (fields: number) => void
  readonly #numbers: ArgumentNumbers
  #root: Selection | undefined

  /** `grown` is told in how many places more of the document fields are asked for. */
  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Record<string, FragmentDefinitionNode>,
    numbers: ArgumentNumbers,
    grown: (fields: number) => void,
  ) {
    this.schema = schema
    this.operation = operation
    this.fragments = fragments
    this.#numbers = numbers
    this.#grown = grown
  }

  root(variables: VariableValues): Selection {
    if (this.#root === undefined) {
      const { operation, selectionSet } = this.operation
      const type = getDefinedRootType(this.schema, operation, [this.operation])
      this.#root = this.#selection(
        type,
        collectFields(this.schema, this.fragments, variables, type, selectionSet).fields,
      )
    }
    return this.#root
  }

  below(nodes: FieldNode[], type: GraphQLObjectType, variables: VariableValues): Selection {
    return this.#selection(type, collectSubFields(this.schema, this.fragments, variables, type, nodes).fields)
  }

  #selection(type: GraphQLObjectType, collected: ReadonlyMap<string, FieldNode[]>): Selection {
    const fields: Field[] = []
    let places = 0
    for (const [key, nodes] of collected) {
      places += nodes.length
      const [node] = nodes
      const name = node?.name.value ?? key
      const definition = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : type.getFields()[name]
      if (definition === undefined || node === undefined) continue
      const number = definition.args.length === 0 ? 0 : this.#numbers.of(definition, node)
      fields.push(new Field({ key, nodes, parentType: type, definition, number }, this))
    }
    this.#grown(places)
    return { fields, isPlain: !collected.has('__proto__') }
  }
}
