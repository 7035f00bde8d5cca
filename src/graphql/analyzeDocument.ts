import { memoize1 } from '@graphql-tools/utils'
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql'
import { RawVariables, type VariablesInput } from './rawVariables.ts'
import { furtherBlocks, isList, requestsOf, usualBytes, usualListSize, Work } from './work.ts'

export interface CostEstimate {
  /** Sum of the work that the operation can cause, each kind of work with its weight. */
  readonly cost: number
  readonly work: Work
  /** Total number of entries in the arguments `ids` (field `nodes`) and `representations` (field `_entities`). */
  readonly references: number
}

/** Limits of lists, on which the cost depends. */
export interface ListSizes {
  readonly defaultPageSize: number
  readonly maxPageSize: number
  /** Maximum number of rows of a sorted list. */
  readonly maxSortedRows: number
}

export type AnalyzeDocument = (document: DocumentNode) => DocumentAnalysis

/** Returns a memoised function, which walks each document only once. */
export function createDocumentAnalyzer(schema: GraphQLSchema, listSizes: ListSizes): AnalyzeDocument {
  return memoize1((document: DocumentNode) => new DocumentAnalysis(schema, listSizes, document))
}

/** Properties of a selection. A fragment counts again for every spread. */
interface Metrics {
  readonly depth: number
  /** Number of aliased fields, without top-level fields with child fields. Aliases at or below `__schema` and `__type` count `INTROSPECTION_ALIAS_WEIGHT` times. */
  readonly aliases: number
  /** Number of selections with `@defer` or `@stream`. */
  readonly incrementalParts: number
  readonly introspects: boolean
  /** Work of one object by the leaf fields of the selection. */
  readonly leaves: Work
  /** Adds the remaining work of the selection. Null if there is none. */
  readonly addWork: AddWork | null
}

/**
 * Adds the work of a selection, executed for a number of `objects`, to the work of the request. In a connection,
 * `pageSize` is the number of `nodes` and of `edges`.
 */
type AddWork = (request: CostRequest, objects: number, pageSize: number) => void

/** The variables of a request, and the sums which the functions collect. */
interface CostRequest {
  readonly variables: RawVariables
  /**
   * The linear functions of `pageSize` by the name of the fragment. Each is computed once per request, because nested
   * fragments could otherwise take exponential time.
   */
  readonly fragments: Map<string, { readonly perObject: Work; readonly perItem: Work }>
  work: Work
  references: number
}

/** An introspection field can return hundreds of kB, which the cost counts roughly. Therefore an alias counts 20 times. */
const INTROSPECTION_ALIAS_WEIGHT = 20

const NO_WORK = new Work()
const NO_METRICS: Metrics = {
  depth: 0,
  aliases: 0,
  incrementalParts: 0,
  introspects: false,
  leaves: NO_WORK,
  addWork: null,
}

/**
 * The properties of a document on which limits, plugins and execution depend. Each number is the maximum over all
 * operations. The walk visits each fragment only once, because expanded fragments can be exponentially larger than the
 * document. A spread that closes a cycle of fragments adds nothing.
 */
export class DocumentAnalysis {
  depth = 0
  aliases = 0
  longestAlias = ''
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
  readonly #listSizes: ListSizes
  readonly #document: DocumentNode
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #fragmentMetrics = new Map<string, Metrics>()
  readonly #operations = new Map<OperationDefinitionNode, Metrics>()
  /** Estimates that do not depend on variables. */
  readonly #constantEstimates = new Map<OperationDefinitionNode, CostEstimate>()

  constructor(schema: GraphQLSchema, listSizes: ListSizes, document: DocumentNode) {
    this.#schema = schema
    this.#listSizes = listSizes
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
      this.#operations.set(definition, metrics)
    }
  }

  /**
   * Every field counts once per object. A connection has as many `nodes` and `edges` as its page size, `Query.nodes` and
   * `_entities` have one item per reference, and other lists have their usual length. If the operation is missing or
   * ambiguous, returns null, because execution reports the error.
   */
  estimateCost(operationName: string | null | undefined, input: VariablesInput): CostEstimate | null {
    const operation = getOperationAST(this.#document, operationName)
    if (!operation) return null
    const cached = this.#constantEstimates.get(operation)
    if (cached !== undefined) return cached
    const variables = new RawVariables(operation, input)
    const work = new Work()
    const request: CostRequest = { variables, fragments: new Map(), work, references: 0 }
    const { leaves, addWork } = this.#operations.get(operation) ?? NO_METRICS
    work.add(leaves, 1)
    addWork?.(request, 1, 1)
    const isPlanned = operation.operation === 'query' && this.incrementalParts === 0 && !this.introspects
    if (!isPlanned) work.runUnplanned()
    const estimate = { cost: work.cost, work, references: request.references }
    if (!variables.wereUsed) this.#constantEstimates.set(operation, estimate)
    return estimate
  }

  /** `parent` is undefined for a type outside of the schema. */
  #measureSelections(set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): Metrics {
    let { depth, aliases, incrementalParts, introspects } = NO_METRICS
    const leaves = new Work()
    const functions: AddWork[] = []
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
      if (selection.directives === undefined || selection.directives.length === 0) {
        leaves.add(metrics.leaves, 1)
        if (metrics.addWork !== null) functions.push(metrics.addWork)
      } else {
        functions.push(withDirectives(selection, metrics))
      }
    }
    return { depth, aliases, incrementalParts, introspects, leaves, addWork: runAll(functions) }
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
    const fragmentWork = measured.addWork
    const addWork: AddWork | null =
      fragmentWork &&
      ((request, objects, pageSize) => {
        let known = request.fragments.get(name)
        if (known === undefined) {
          known = measureFragmentWork(fragmentWork, request)
          request.fragments.set(name, known)
        }
        request.work.add(known.perObject, objects)
        request.work.add(known.perItem, objects * pageSize)
      })
    const metrics = { ...measured, addWork }
    this.#fragmentMetrics.set(name, metrics)
    return metrics
  }

  #measureField(node: FieldNode, parent: GraphQLNamedType | undefined): Metrics {
    const name = node.name.value
    const field = fieldOf(node, parent)
    const children = this.#measureSelections(node.selectionSet, field && getNamedType(field.type))
    const introspects = name === '__schema' || name === '__type'
    const alias = node.alias?.value ?? ''
    if (alias.length > this.longestAlias.length) this.longestAlias = alias
    if (name === '_service' || name === '_entities') this.selectsRouterFields = true
    const isRootField = field !== undefined && isRootType(this.#schema, parent)
    if (isRootField && !name.startsWith('_')) this.needsCredentials = true
    const isLookup = isRootField && node.selectionSet !== undefined && !introspects
    const aliases = children.aliases + (node.alias === undefined || isLookup ? 0 : 1)
    const isLeaf = node.selectionSet === undefined
    return {
      // GraphQL.js limits the depth of introspection by a validation rule of its own.
      depth: introspects ? 1 : children.depth + 1,
      aliases: introspects ? aliases * INTROSPECTION_ALIAS_WEIGHT : aliases,
      incrementalParts: children.incrementalParts,
      introspects: introspects || children.introspects,
      leaves: isLeaf ? this.#leafWork(node, parent) : NO_WORK,
      addWork: isLeaf ? null : this.#fieldWork(node, parent, children),
    }
  }

  #leafWork(node: FieldNode, parent: GraphQLNamedType | undefined): Work {
    const field = fieldOf(node, parent)
    const work = new Work()
    const key = responseKey(node)
    const items = this.#usualItems(node, parent)
    work.fields = 1 + (items ?? 0)
    work.bytes = furtherBlocks(key, field === undefined ? 0 : (items ?? 1) * usualBytes(field))
    work.requests = parent === undefined ? 0 : requestsOf(parent, node.name.value)
    return work
  }

  /** Usual number of items of a list. Null if the field is no list. */
  #usualItems(node: FieldNode, parent: GraphQLNamedType | undefined): number | null {
    const field = fieldOf(node, parent)
    if (field === undefined || parent === undefined || !isList(field.type)) return null
    return usualListSize(parent, field.name, this.#listSizes.defaultPageSize)
  }

  #fieldWork(node: FieldNode, parent: GraphQLNamedType | undefined, children: Metrics): AddWork {
    const field = fieldOf(node, parent)
    const takes = (...names: string[]) => field?.args.some(({ name }) => names.includes(name)) === true
    const isConnection = takes('first')
    const takesReferences = takes('ids', 'representations')
    const usualItems = this.#usualItems(node, parent)
    const isPageOfConnection = usualItems !== null && parent?.name.endsWith('Connection') === true
    const requests = parent === undefined ? 0 : requestsOf(parent, node.name.value)
    const blocks = furtherBlocks(responseKey(node), 0)
    const streams = node.directives?.find(({ name }) => name.value === 'stream')
    const { leaves, addWork } = children
    return (request, objects, pageSize) => {
      const { work } = request
      let items = objects
      if (isPageOfConnection) items *= pageSize
      else if (takesReferences) items *= countReferences(node, request)
      else if (usualItems !== null) items *= usualItems
      work.fields += usualItems === null ? objects : objects + items
      work.bytes += objects * blocks
      work.requests += requests * (takesReferences ? items : objects)
      const partsBefore = work.parts
      if (streams !== undefined) addParts(streams, request, items)
      const ownPageSize = isConnection ? this.#addPage(node, request, objects) : 1
      work.add(leaves, items)
      addWork?.(request, items, ownPageSize)
      // The path of each part contains the response key.
      if (blocks > 0) work.bytes += blocks * (work.parts - partsBefore)
    }
  }

  /** Adds the reads of a page for each object, and returns the page size. */
  #addPage(node: FieldNode, { work, variables }: CostRequest, objects: number): number {
    const size = this.#pageSize(node, variables)
    const isGiven = (name: string) => (variables.argumentValue(node, name) ?? null) !== null
    work.rows += objects * size
    // A page at the end of a list needs the length of the list, and a moved cursor needs a search.
    if (isGiven('last')) work.requests += objects
    if (isGiven('after') || isGiven('before')) {
      work.requests += objects * CURSOR_REQUESTS
      work.rows += objects * CURSOR_ROWS
    }
    const date = variables.fieldOfArgument(node, 'filter', 'updatedOnOrBefore') ?? null
    if (isGiven('orderBy') || date !== null) {
      work.rows += objects * this.#listSizes.maxSortedRows
      work.requests += objects * (SORTED_LIST_REQUESTS + Math.ceil(this.#listSizes.maxSortedRows / SORTED_PAGE_ROWS))
    }
    return size
  }

  /** Caps the size at the maximum, because execution rejects a larger `first` or `last` with a more specific error. */
  #pageSize(node: FieldNode, variables: RawVariables): number {
    const value = variables.argumentValue(node, 'last') ?? variables.argumentValue(node, 'first')
    const size = typeof value === 'number' ? Math.trunc(value) : this.#listSizes.defaultPageSize
    return Math.min(Math.max(0, size), this.#listSizes.maxPageSize)
  }
}

/** Reads of a search for the row of a cursor nearby. Further searches have a limit for all cursors of a query. */
const CURSOR_REQUESTS = 2
const CURSOR_ROWS = 100
/** Requests besides the pages of a sorted list: the length of the list, and the dialect of the server. */
const SORTED_LIST_REQUESTS = 3
const SORTED_PAGE_ROWS = 1_000

function runAll(functions: readonly AddWork[]): AddWork | null {
  if (functions.length <= 1) return functions[0] ?? null
  return (request, objects, pageSize) => {
    for (const addWork of functions) addWork(request, objects, pageSize)
  }
}

/** Adds no work if a directive skips the selection, and the parts of `@defer`. */
function withDirectives(selection: SelectionNode, { leaves, addWork }: Metrics): AddWork {
  const defer = selection.directives?.find(({ name }) => name.value === 'defer')
  return (request, objects, pageSize) => {
    if (request.variables.isSkipped(selection)) return
    if (defer !== undefined) addParts(defer, request, objects)
    request.work.add(leaves, objects)
    addWork?.(request, objects, pageSize)
  }
}

/** Each part contains the label of its directive. */
function addParts(directive: DirectiveNode, { work, variables }: CostRequest, parts: number): void {
  if (variables.argumentValue(directive, 'if') === false) return
  const label = variables.argumentValue(directive, 'label')
  work.parts += parts
  work.bytes += parts * furtherBlocks('', typeof label === 'string' ? JSON.stringify(label).length : 0)
}

/** The work is linear in the page size, so two calls determine the function. */
function measureFragmentWork(addWork: AddWork, request: CostRequest) {
  const { work } = request
  const perObject = new Work()
  request.work = perObject
  addWork(request, 1, 0)
  // The second call counts the references of the fragment again.
  const referencesOnce = request.references
  const perItem = new Work()
  request.work = perItem
  addWork(request, 1, 1)
  perItem.add(perObject, -1)
  request.references = referencesOnce
  request.work = work
  return { perObject, perItem }
}

/** Returns the document without `@defer` and `@stream`, for clients that accept only a single result. */
export const toSingleResultDocument = memoize1((document: DocumentNode) =>
  visit(document, { Directive: directive => (isIncremental(directive) ? null : undefined) }),
)

function isIncremental({ name }: DirectiveNode): boolean {
  return name.value === 'defer' || name.value === 'stream'
}

/** Returns undefined for a field outside of the schema. */
function fieldOf({ name: { value: name } }: FieldNode, parent: GraphQLNamedType | undefined) {
  if (!name.startsWith('__')) {
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
  }
  return META_FIELDS.get(name)
}

const META_FIELDS = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef].map(field => [field.name, field]),
)

function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value
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
