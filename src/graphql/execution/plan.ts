import { collectFields, collectSubFields, getDefinedRootType, type VariableValues } from '@graphql-tools/utils'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import type { ArgumentIds } from './argumentIds.ts'
import type { Selection } from './executionTypes.ts'
import { FieldPlan } from './fieldPlan.ts'

/** Plans a selection only when first executed, so that planning errors occur at the same time as in Yoga's executor. */
export class Plan {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly #onFieldsAdded: (nodeCount: number) => void
  readonly #argumentIds: ArgumentIds
  #rootSelection: Selection | undefined

  /** `onFieldsAdded` is called with the number of field nodes of each newly planned selection. */
  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Record<string, FragmentDefinitionNode>,
    argumentIds: ArgumentIds,
    onFieldsAdded: (nodeCount: number) => void,
  ) {
    this.schema = schema
    this.operation = operation
    this.fragments = fragments
    this.#argumentIds = argumentIds
    this.#onFieldsAdded = onFieldsAdded
  }

  rootSelection(variables: VariableValues): Selection {
    if (this.#rootSelection === undefined) {
      const { operation, selectionSet } = this.operation
      const type = getDefinedRootType(this.schema, operation, [this.operation])
      const { fields } = collectFields(this.schema, this.fragments, variables, type, selectionSet)
      this.#rootSelection = this.#createSelection(type, fields)
    }
    return this.#rootSelection
  }

  planSubselection(nodes: FieldNode[], type: GraphQLObjectType, variables: VariableValues): Selection {
    return this.#createSelection(type, collectSubFields(this.schema, this.fragments, variables, type, nodes).fields)
  }

  #createSelection(type: GraphQLObjectType, nodesByKey: ReadonlyMap<string, FieldNode[]>): Selection {
    const fields: FieldPlan[] = []
    let nodeCount = 0
    for (const [key, nodes] of nodesByKey) {
      nodeCount += nodes.length
      const [node] = nodes
      const name = node?.name.value ?? key
      const definition = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : type.getFields()[name]
      if (definition === undefined || node === undefined) continue
      const argsId = definition.args.length === 0 ? 0 : this.#argumentIds.idOf(definition, node)
      fields.push(new FieldPlan({ key, nodes, parentType: type, definition, argsId }, this))
    }
    this.#onFieldsAdded(nodeCount)
    return { fields, allowsPlainObject: !nodesByKey.has('__proto__') }
  }
}
