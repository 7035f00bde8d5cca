import { memoize1 } from '@graphql-tools/utils'
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { RawVariables, type VariablesInput } from './rawVariables.ts'

export interface CostEstimate {
  /** Estimated number of nodes. The size of a nested page is multiplied by the sizes of the enclosing pages. */
  readonly cost: number
  /** Total number of entries in the arguments `ids` (field `nodes`) and `representations` (field `_entities`). */
  readonly references: number
}

/** Number of edges per page of a connection. */
export interface PageSizes {
  readonly defaultPageSize: number
  readonly maxPageSize: number
}

export type AnalyzeDocument = (document: DocumentNode) => DocumentAnalysis

/** Returns a memoised function, which walks each document only once. */
export function createDocumentAnalyzer(schema: GraphQLSchema, pageSizes: PageSizes): AnalyzeDocument {
  return memoize1((document: DocumentNode) => new DocumentAnalysis(schema, pageSizes, document))
}

/** Properties of a selection. A fragment counts again for every spread. */
interface Metrics {
  readonly depth: number
  /** Number of aliased fields, without top-level fields with child fields, which have a cost. Aliases at or below `__schema` and `__type` count `INTROSPECTION_ALIAS_WEIGHT` times. */
  readonly aliases: number
  /** Number of selections with `@defer` or `@stream`. */
  readonly incrementalParts: number
  readonly introspects: boolean
  readonly cost: CostFunction
}

/**
 * Returns the cost of a selection. `listSize` multiplies the cost of the fields that are lists, such as `nodes` and
 * `edges`. In a connection, `listSize` is the page size, otherwise 1.
 */
type CostFunction = (request: CostRequest, listSize: number) => number

/** The variables of a request, and the sums which the cost functions collect. */
interface CostRequest {
  readonly variables: RawVariables
  /**
   * The linear functions of `listSize` by the name of the fragment. Each is computed once per request, because nested
   * fragments could otherwise take exponential time.
   */
  readonly fragmentCosts: Map<string, { readonly perObject: number; readonly perItem: number }>
  references: number
}

/** An introspection field costs at most 1, but can return hundreds of kB. Therefore an alias counts 20 times. */
const INTROSPECTION_ALIAS_WEIGHT = 20

const costsNothing: CostFunction = () => 0
const NO_METRICS: Metrics = { depth: 0, aliases: 0, incrementalParts: 0, introspects: false, cost: costsNothing }

/**
 * The properties of a document on which limits, plugins and execution depend. Each number is the maximum over all
 * operations. The walk visits each fragment only once, because expanded fragments can be exponentially larger than the
 * document. A spread that closes a cycle of fragments adds nothing.
 */
export class DocumentAnalysis {
  depth = 0
  aliases = 0
  incrementalParts = 0
  introspects = false
  /** Whether the document selects data. Introspection and fields for routers need no credentials. */
  needsCredentials = false
  /** Whether the document selects `_service` or `_entities`. */
  selectsRouterFields = false
  readonly streamDirectives: DirectiveNode[] = []
  /** Names of the variables in directives, such as `@skip(if: $name)`. */
  readonly conditionVariables = new Set<string>()
  readonly #schema: GraphQLSchema
  readonly #pageSizes: PageSizes
  readonly #document: DocumentNode
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #fragmentMetrics = new Map<string, Metrics>()
  readonly #operationCosts = new Map<OperationDefinitionNode, CostFunction>()
  /** Estimates that do not depend on variables. */
  readonly #constantEstimates = new Map<OperationDefinitionNode, CostEstimate>()

  constructor(schema: GraphQLSchema, pageSizes: PageSizes, document: DocumentNode) {
    this.#schema = schema
    this.#pageSizes = pageSizes
    this.#document = document
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      const rootType = schema.getRootType(definition.operation) ?? undefined
      const metrics = this.#measureSelections(definition.selectionSet, rootType)
      this.depth = Math.max(this.depth, metrics.depth)
      this.aliases = Math.max(this.aliases, metrics.aliases)
      this.incrementalParts = Math.max(this.incrementalParts, metrics.incrementalParts)
      this.introspects ||= metrics.introspects
      this.#operationCosts.set(definition, metrics.cost)
    }
  }

  /**
   * A connection costs its page size; `Query.nodes` and `_entities` cost their number of references. The same number
   * multiplies the cost of the fields of an item. `AccountSnapshot.runningConferences` costs as much as a connection of the
   * default page size. All remaining lists count as a single object, because their length is unknown before execution.
   * Top-level fields with child fields cost at least 1. If the operation is missing or ambiguous, returns null, because
   * execution reports the error.
   */
  estimateCost(operationName: string | null | undefined, input: VariablesInput): CostEstimate | null {
    const operation = getOperationAST(this.#document, operationName)
    if (!operation) return null
    const cached = this.#constantEstimates.get(operation)
    if (cached !== undefined) return cached
    const variables = new RawVariables(operation, input)
    const request: CostRequest = { variables, fragmentCosts: new Map(), references: 0 }
    const cost = Math.max(1, this.#operationCosts.get(operation)?.(request, 1) ?? 0)
    const estimate = { cost, references: request.references }
    if (!variables.wereUsed) this.#constantEstimates.set(operation, estimate)
    return estimate
  }

  /** `parent` is undefined for a type outside of the schema. */
  #measureSelections(set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): Metrics {
    let { depth, aliases, incrementalParts, introspects } = NO_METRICS
    const costs: CostFunction[] = []
    for (const selection of set?.selections ?? []) {
      const metrics = this.#measureSelection(selection, parent)
      depth = Math.max(depth, metrics.depth)
      aliases += metrics.aliases
      incrementalParts += metrics.incrementalParts
      introspects ||= metrics.introspects
      for (const directive of selection.directives ?? []) {
        if (isIncremental(directive)) incrementalParts++
        if (directive.name.value === 'stream') this.streamDirectives.push(directive)
        for (const { value } of directive.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) this.conditionVariables.add(value.name.value)
        }
      }
      const { cost } = metrics
      if (cost === costsNothing) continue
      const isConditional = selection.directives !== undefined && selection.directives.length > 0
      const conditionalCost: CostFunction = (request, listSize) =>
        request.variables.isSkipped(selection) ? 0 : cost(request, listSize)
      costs.push(isConditional ? conditionalCost : cost)
    }
    return { depth, aliases, incrementalParts, introspects, cost: sumOf(costs) }
  }

  #measureSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): Metrics {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.#measureFragment(selection.name.value)
      case Kind.INLINE_FRAGMENT: {
        const { selectionSet, typeCondition } = selection
        const type = typeCondition === undefined ? parent : this.#schema.getType(typeCondition.name.value)
        return this.#measureSelections(selectionSet, type)
      }
      case Kind.FIELD:
        return this.#measureField(selection, parent)
    }
  }

  #measureFragment(name: string): Metrics {
    const cached = this.#fragmentMetrics.get(name)
    if (cached !== undefined) return cached
    // If the fragment contains itself, the temporary `NO_METRICS` ends the recursion.
    this.#fragmentMetrics.set(name, NO_METRICS)
    const fragment = this.#fragments.get(name)
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value)
    const measured = this.#measureSelections(fragment?.selectionSet, type)
    const cost: CostFunction = (request, listSize) => {
      let known = request.fragmentCosts.get(name)
      if (known === undefined) {
        const perObject = measured.cost(request, 0)
        const { references } = request
        known = { perObject, perItem: measured.cost(request, 1) - perObject }
        // The second call has counted the references of the fragment again.
        request.references = references
        request.fragmentCosts.set(name, known)
      }
      return known.perObject + listSize * known.perItem
    }
    const metrics = { ...measured, cost }
    this.#fragmentMetrics.set(name, metrics)
    return metrics
  }

  #measureField(node: FieldNode, parent: GraphQLNamedType | undefined): Metrics {
    const name = node.name.value
    const field = fieldOf(node, parent)
    const children = this.#measureSelections(node.selectionSet, field && getNamedType(field.type))
    const introspects = name === '__schema' || name === '__type'
    if (name === '_service' || name === '_entities') this.selectsRouterFields = true
    const isRootField = field !== undefined && isRootType(this.#schema, parent)
    if (isRootField && !name.startsWith('_')) this.needsCredentials = true
    const hasCost = isRootField && node.selectionSet !== undefined
    const aliases = children.aliases + (node.alias === undefined || hasCost ? 0 : 1)
    return {
      // GraphQL.js limits the depth of introspection by a validation rule of its own.
      depth: introspects ? 1 : children.depth + 1,
      aliases: introspects ? aliases * INTROSPECTION_ALIAS_WEIGHT : aliases,
      incrementalParts: children.incrementalParts,
      introspects: introspects || children.introspects,
      cost: node.selectionSet === undefined ? costsNothing : this.#fieldCost(node, parent, children.cost),
    }
  }

  #fieldCost(node: FieldNode, parent: GraphQLNamedType | undefined, children: CostFunction): CostFunction {
    const field = fieldOf(node, parent)
    const isTopLevel = isRootType(this.#schema, parent)
    const takes = (...names: string[]) => field?.args.some(({ name }) => names.includes(name)) === true
    const isConnection = takes('first')
    const isList = isListType(getNullableType(field?.type))
    const takesReferences = isList && takes('ids', 'representations')
    const isSnapshotList = isList && parent?.name === 'AccountSnapshot'
    const hasItems = isConnection || takesReferences || isSnapshotList
    if (!isTopLevel && !hasItems && children === costsNothing) return costsNothing
    return (request, listSize) => {
      const pageSize = isConnection ? this.#pageSize(node, request.variables) : 0
      let cost = pageSize + children(request, isConnection ? pageSize : 1)
      if (takesReferences && !isConnection) cost = countReferences(node, request) * (1 + cost)
      if (isSnapshotList) cost = this.#pageSizes.defaultPageSize * (1 + cost)
      if (isTopLevel) return Math.max(1, cost)
      return isList ? listSize * cost : cost
    }
  }

  /** Caps the size at the maximum, because execution rejects a larger `first` or `last` with a more specific error. */
  #pageSize(node: FieldNode, variables: RawVariables): number {
    const value = variables.argumentValue(node, 'last') ?? variables.argumentValue(node, 'first')
    const size = typeof value === 'number' ? Math.trunc(value) : this.#pageSizes.defaultPageSize
    return Math.min(Math.max(0, size), this.#pageSizes.maxPageSize)
  }
}

function sumOf(costs: readonly CostFunction[]): CostFunction {
  if (costs.length <= 1) return costs[0] ?? costsNothing
  return (request, listSize) => costs.reduce((sum, cost) => sum + cost(request, listSize), 0)
}

/** Returns the document without `@defer` and `@stream`, for clients that accept only a single result. */
export const toSingleResultDocument = memoize1((document: DocumentNode) =>
  visit(document, { Directive: directive => (isIncremental(directive) ? null : undefined) }),
)

function isIncremental({ name }: DirectiveNode): boolean {
  return name.value === 'defer' || name.value === 'stream'
}

/** Returns undefined for introspection fields. */
function fieldOf({ name }: FieldNode, parent: GraphQLNamedType | undefined) {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined
}

function isRootType(schema: GraphQLSchema, type: GraphQLNamedType | undefined): boolean {
  const rootTypes = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return isObjectType(type) && rootTypes.includes(type)
}

function countReferences(node: FieldNode, request: CostRequest): number {
  const { variables } = request
  const ids = listLength(variables.argumentValue(node, 'ids'))
  const references = ids + listLength(variables.argumentValue(node, 'representations'))
  request.references += references
  return references
}

/** GraphQL coerces a single value to a list of length 1. */
function listLength(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return value === undefined || value === null ? 0 : 1
}
