import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { RawVariables, type VariablesInput } from '../rawVariables.ts'

export interface CostEstimate {
  /** Estimated number of nodes. The size of a nested page is multiplied by the sizes of the enclosing pages. */
  readonly cost: number
  readonly longestIdList: number
  /** Total number of entries in the arguments `ids` (field `nodes`) and `representations` (field `_entities`). */
  readonly references: number
}

/** Number of edges per page of a connection. */
export interface PageSizes {
  readonly defaultPageSize: number
  readonly maxPageSize: number
}

type CostCalculator = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: VariablesInput,
) => CostEstimate

/** Cost of a selection set. A connection multiplies `perItem` by the page size, and counts `perObject` once. */
interface ChildCost {
  /** Cost of the child fields that are not lists, such as `pageInfo` and nested connections. */
  readonly perObject: number
  /** Cost of the child fields that are lists, such as `nodes` and `edges`. */
  readonly perItem: number
}

const NO_COST: ChildCost = { perObject: 0, perItem: 0 }

/**
 * A connection costs its page size; `Query.nodes` and `_entities` cost their number of references. The same number
 * multiplies the cost of the fields of an item. All remaining lists count as a single object, because their length is
 * unknown before execution. Top-level fields with child fields cost at least 1. Estimates without variables are cached.
 */
export function createCostCalculator(schema: GraphQLSchema, pageSizes: PageSizes): CostCalculator {
  const constantEstimates = new WeakMap<OperationDefinitionNode, CostEstimate>()
  return (document, operation, input) => {
    const cached = constantEstimates.get(operation)
    if (cached !== undefined) return cached
    const variables = new RawVariables(operation, input)
    const estimate = new CostVisitor(schema, pageSizes, document, variables).estimate(operation)
    if (!variables.wereUsed) constantEstimates.set(operation, estimate)
    return estimate
  }
}

/** Visits each fragment only once. Nested fragments could otherwise take exponential time. */
class CostVisitor {
  readonly #schema: GraphQLSchema
  readonly #pageSizes: PageSizes
  readonly #variables: RawVariables
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #fragmentCosts = new Map<string, ChildCost>()
  #longestIdList = 0
  #references = 0

  constructor(schema: GraphQLSchema, pageSizes: PageSizes, document: DocumentNode, variables: RawVariables) {
    this.#schema = schema
    this.#pageSizes = pageSizes
    this.#variables = variables
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
  }

  estimate({ operation, selectionSet }: OperationDefinitionNode): CostEstimate {
    const rootType = this.#schema.getRootType(operation) ?? undefined
    const { perObject, perItem } = this.#selectionSetCost(selectionSet, rootType)
    return {
      cost: Math.max(1, perObject + perItem),
      longestIdList: this.#longestIdList,
      references: this.#references,
    }
  }

  #selectionSetCost(set: SelectionSetNode | undefined, parent: GraphQLCompositeType | undefined): ChildCost {
    if (set === undefined || parent === undefined) return NO_COST
    let [perObject, perItem] = [0, 0]
    for (const selection of set.selections) {
      if (this.#variables.isSkipped(selection)) continue
      const cost = this.#selectionCost(selection, parent)
      perObject += cost.perObject
      perItem += cost.perItem
    }
    return { perObject, perItem }
  }

  #selectionCost(selection: SelectionNode, parent: GraphQLCompositeType): ChildCost {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.#fragmentCost(selection.name.value)
      case Kind.INLINE_FRAGMENT: {
        const name = selection.typeCondition?.name.value
        return this.#selectionSetCost(selection.selectionSet, name === undefined ? parent : this.#compositeType(name))
      }
      case Kind.FIELD:
        return this.#fieldCost(selection, parent)
    }
  }

  #fragmentCost(name: string): ChildCost {
    const cached = this.#fragmentCosts.get(name)
    if (cached !== undefined) return cached
    // If the fragment contains itself, the temporary cost of zero ends the recursion.
    this.#fragmentCosts.set(name, NO_COST)
    const fragment = this.#fragments.get(name)
    const type = fragment && this.#compositeType(fragment.typeCondition.name.value)
    const cost = this.#selectionSetCost(fragment?.selectionSet, type)
    this.#fragmentCosts.set(name, cost)
    return cost
  }

  #fieldCost(node: FieldNode, parent: GraphQLCompositeType): ChildCost {
    if (node.selectionSet === undefined) return NO_COST
    const field = isUnionType(parent) ? undefined : parent.getFields()[node.name.value]
    const nodes = field === undefined ? 0 : this.#countNodes(node, field)
    if (isRootType(this.#schema, parent)) return { perObject: Math.max(1, nodes), perItem: 0 }
    return field !== undefined && isListField(field)
      ? { perObject: 0, perItem: nodes }
      : { perObject: nodes, perItem: 0 }
  }

  #countNodes(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    const type = getNamedType(field.type)
    const { perObject, perItem } = this.#selectionSetCost(node.selectionSet, isCompositeType(type) ? type : undefined)
    if (isConnectionField(field)) {
      const size = this.#pageSize(node)
      return size + perObject + size * perItem
    }
    if (isListField(field) && takesReferences(field)) {
      const length = this.#countReferences(node)
      return length * (1 + perObject + perItem)
    }
    return perObject + perItem
  }

  /** Caps the size at the maximum, because execution rejects a larger `first` or `last` with a more specific error. */
  #pageSize(node: FieldNode): number {
    const value = this.#variables.argumentValue(node, 'last') ?? this.#variables.argumentValue(node, 'first')
    const size = typeof value === 'number' ? Math.trunc(value) : this.#pageSizes.defaultPageSize
    return Math.min(Math.max(0, size), this.#pageSizes.maxPageSize)
  }

  #countReferences(node: FieldNode): number {
    const ids = listLength(this.#variables.argumentValue(node, 'ids'))
    const references = ids + listLength(this.#variables.argumentValue(node, 'representations'))
    this.#longestIdList = Math.max(this.#longestIdList, ids)
    this.#references += references
    return references
  }

  #compositeType(name: string): GraphQLCompositeType | undefined {
    const type = this.#schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }
}

function isListField({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(type))
}

function isConnectionField({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'first')
}

function takesReferences({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'ids' || name === 'representations')
}

function isRootType(schema: GraphQLSchema, type: GraphQLCompositeType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType()
}

/** GraphQL coerces a single value to a list of length 1. */
function listLength(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return value === undefined || value === null ? 0 : 1
}
