import { defaultTypeResolver } from '@graphql-tools/executor'
import { getArgumentValues, isPromise, type VariableValues } from '@graphql-tools/utils'
import {
  type ExecutionResult,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLResolveInfo,
  isObjectType,
  locatedError,
} from 'graphql'
import type { PlannedField, QueryPlan, Selection, ValuePlan } from './plan.ts'
import { turnQueue } from './turnQueue.ts'

/** Path of a value in the response, as a linked list from the value to the root. */
type Path = GraphQLResolveInfo['path']

interface PlannedRequest {
  readonly plan: QueryPlan
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
}

/** The report of an error takes as long as this number of fields. */
export const FIELDS_PER_ERROR = 10

/** Returns the reason if the operation is cancelled, else null. */
export type FindCancellation = (context: unknown) => unknown

/**
 * Errors of which a response lists only the first `max`. For each further error, the result contains the same error with
 * an empty path, because a new error with a path takes 20 µs and a kilobyte.
 */
export interface ErrorLimit {
  readonly max: number
  appliesTo(error: unknown): boolean
}

export interface ExecutionLimits {
  readonly errors: ErrorLimit
  /** Fields that an operation without a plan, or an event, may complete. */
  readonly maxFields: number
}

/** A list in completion. Continues later if the list is long. */
interface ListCompletion {
  readonly plan: ValuePlan
  readonly field: PlannedField
  readonly path: Path | undefined
  readonly items: readonly unknown[]
  readonly completed: unknown[]
}

/** The rest of a list or of a field, which waits for a later turn of the event loop. */
interface Continuation {
  /** False for the report of an error, which also belongs to the result of a cancelled operation. */
  readonly isCancellable: boolean
  readonly run: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type ArgumentValues = Readonly<Record<string, unknown>>
type ResponseObject = Record<string, unknown>
type ResolverMethod = (args: ArgumentValues, context: unknown, info: LazyResolveInfo) => unknown

/**
 * Runs each resolver in the same microtask as Yoga's executor, so that DataLoader creates the same batches. After
 * `turnQueue.fieldsPerTurn` fields, the rest is completed in later turns of the event loop.
 */
export class Execution {
  readonly #request: PlannedRequest
  readonly #findCancellation: FindCancellation
  readonly #errorLimit: ErrorLimit | null
  readonly #errors: GraphQLError[] = []
  #limitedErrors = 0
  #furtherError: GraphQLError | null = null
  /** Coerced values by `argsId`, reused because variables do not change during an execution. */
  readonly #argumentValues: ArgumentValues[] = []
  #fieldCount = 0
  /** Lists and pending fields wait for a later turn if `#fieldCount` is this large. */
  #maxFields = turnQueue.fieldsPerTurn
  #continuations: Continuation[] = []

  constructor(request: PlannedRequest, findCancellation: FindCancellation, errorLimit: ErrorLimit | null = null) {
    this.#request = request
    this.#findCancellation = findCancellation
    this.#errorLimit = errorLimit
  }

  execute(): ExecutionResult | Promise<ExecutionResult> {
    const { plan, variables, rootValue } = this.#request
    try {
      const data = this.#executeFields(plan.rootSelection(variables), rootValue, undefined)
      if (!isPromise(data)) return this.#buildResponse(data)
      const response = data.then(
        resolved => this.#buildResponse(resolved),
        error => this.#failRequest(error),
      )
      // The second `then` delays the response by one microtask, as in Yoga's executor.
      return response.then()
    } catch (error) {
      return this.#failRequest(error)
    }
  }

  #executeFields({ fields, allowsPlainObject }: Selection, source: unknown, path: Path | undefined) {
    const object: ResponseObject = allowsPlainObject ? {} : Object.create(null)
    let pendingKeys: string[] | null = null
    this.#fieldCount += fields.length
    try {
      for (const field of fields) {
        const value = this.#executeField(field, source, path)
        object[field.key] = value
        if (!isPromise(value)) continue
        pendingKeys ??= []
        pendingKeys.push(field.key)
      }
    } catch (error) {
      if (pendingKeys === null) throw error
      const fail = () => {
        throw error
      }
      // Waits for the pending fields before the throw, because errors of pending fields belong to the response.
      return promiseForObject(object, pendingKeys).then(fail, fail)
    }
    return pendingKeys === null ? object : promiseForObject(object, pendingKeys)
  }

  /** Leaves need no path for completion, because `#handleFieldError` locates their errors. */
  #executeField(field: PlannedField, source: unknown, parentPath: Path | undefined): unknown {
    if (field.typename !== null) return field.typename
    const path = field.value.kind === 'leaf' ? undefined : fieldPath(parentPath, field)
    try {
      const value = this.#resolveField(field, source, parentPath)
      const completed = isPromise(value)
        ? value.then(resolved => this.#completePending(field.value, field, path, resolved))
        : this.#complete(field.value, field, path, value)
      if (!isPromise(completed)) return completed
      return completed.then(undefined, error => this.#handlePendingError(error, field, parentPath))
    } catch (error) {
      return this.#handleFieldError(error, field, parentPath)
    }
  }

  #resolveField(field: PlannedField, source: unknown, parentPath: Path | undefined): unknown {
    const { resolve, definition } = field
    const { context } = this.#request
    const args = field.argsId === null ? undefined : this.#argumentValuesOf(field, field.argsId)
    if (resolve !== null) {
      return resolve(source, args ?? {}, context, new LazyResolveInfo(this.#request, field, parentPath))
    }
    if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return undefined
    const object = source as Record<string, unknown>
    const value = object[definition.name]
    if (typeof value !== 'function') return value
    const info = new LazyResolveInfo(this.#request, field, parentPath)
    return (object as Record<string, ResolverMethod>)[definition.name]?.(args ?? {}, context, info)
  }

  #argumentValuesOf({ definition, nodes: [node] }: PlannedField, argsId: number): ArgumentValues {
    let args = this.#argumentValues[argsId]
    if (args === undefined) {
      const { coerced, sources } = this.#request.variables
      args = Object.freeze(getArgumentValues(definition, node as FieldNode, coerced, sources))
      this.#argumentValues[argsId] = args
    }
    return args
  }

  #completePending(plan: ValuePlan, field: PlannedField, path: Path | undefined, value: unknown): unknown {
    if (plan.kind === 'leaf' || this.#fieldCount < this.#maxFields) return this.#complete(plan, field, path, value)
    return this.#runLater(() => this.#complete(plan, field, path, value))
  }

  #handlePendingError(error: unknown, field: PlannedField, parentPath: Path | undefined): unknown {
    if (this.#fieldCount < this.#maxFields) return this.#handleFieldError(error, field, parentPath)
    return this.#runLater(() => this.#handleFieldError(error, field, parentPath), false)
  }

  #runLater(run: () => unknown, isCancellable = true): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const isFirst = this.#continuations.push({ isCancellable, run, resolve, reject }) === 1
      if (isFirst) turnQueue.add(maxFields => this.#continue(maxFields))
    })
  }

  /** Returns the number of completed fields. If the operation is cancelled, completes nothing more. */
  #continue(maxFields: number): number {
    const continuations = this.#continuations
    this.#continuations = []
    const fieldCount = this.#fieldCount
    this.#maxFields = fieldCount + maxFields
    const cancellation = this.#findCancellation(this.#request.context)
    for (const [index, { isCancellable, run, resolve, reject }] of continuations.entries()) {
      if (cancellation !== null && isCancellable) {
        reject(cancellation)
      } else if (this.#fieldCount >= this.#maxFields) {
        // Continuations added above wait behind the rest.
        this.#continuations = [...continuations.slice(index), ...this.#continuations]
        break
      } else {
        try {
          resolve(run())
        } catch (error) {
          reject(error)
        }
      }
    }
    if (this.#continuations.length > 0) turnQueue.add(nextFields => this.#continue(nextFields))
    return this.#fieldCount - fieldCount
  }

  /** `CompleteValue` of the GraphQL specification. */
  #complete(plan: ValuePlan, field: PlannedField, path: Path | undefined, value: unknown): unknown {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) {
      if (!plan.isNonNull) return null
      throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.definition.name}.`)
    }
    switch (plan.kind) {
      case 'leaf':
        return completeLeaf(plan.type, value)
      case 'list':
        return this.#completeList(plan.item, field, path, value)
      case 'object': {
        const selection = this.#request.plan.subselection(field, plan.type, this.#request.variables)
        return this.#executeFields(selection, value, path)
      }
      case 'abstract':
        return this.#completeAbstract(plan.type, field, path, value)
    }
  }

  /** Does not support async iterables, because no resolver returns an async iterable. */
  #completeList(plan: ValuePlan, field: PlannedField, path: Path | undefined, value: unknown): unknown {
    if (!isIterable(value)) {
      const name = `${field.parentType.name}.${field.definition.name}`
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${name}".`)
    }
    const items = Array.isArray(value) ? value : [...value]
    return this.#completeItems({ plan, field, path, items, completed: [] }, false)
  }

  #completeItems(list: ListCompletion, isPending: boolean): unknown {
    const { plan, field, path, items, completed } = list
    const handleError = (error: unknown, key: number) =>
      this.#handleError(error, field, { prev: path, key, typename: undefined }, plan.isNonNull)
    const start = completed.length
    for (let key = start; key < items.length; key++) {
      if (this.#fieldCount >= this.#maxFields) {
        // Nothing awaits the items before the list continues.
        ignoreRejections(start === 0 ? items : [])
        ignoreRejections(completed.slice(start))
        return this.#runLater(() => this.#completeItems(list, isPending))
      }
      this.#fieldCount++
      const item: unknown = items[key]
      const itemPath = plan.kind === 'leaf' ? undefined : { prev: path, key, typename: undefined }
      try {
        const value = isPromise(item)
          ? item.then(resolved => this.#completePending(plan, field, itemPath, resolved))
          : this.#complete(plan, field, itemPath, item)
        if (isPromise(value)) isPending = true
        completed.push(isPromise(value) ? value.then(undefined, error => handleError(error, key)) : value)
      } catch (error) {
        // The error of a non-null item fails the whole list, so that nothing awaits the earlier items.
        if (plan.isNonNull) ignoreRejections(completed)
        completed.push(handleError(error, key))
      }
    }
    return isPending ? Promise.all(completed) : completed
  }

  #completeAbstract(type: GraphQLAbstractType, field: PlannedField, path: Path | undefined, value: unknown): unknown {
    const { context, plan, variables } = this.#request
    const { schema } = plan.document
    const complete = (typeName: unknown) => {
      const runtimeType = typeof typeName === 'string' ? schema.getType(typeName) : undefined
      if (!isObjectType(runtimeType) || !schema.isSubType(type, runtimeType)) {
        const name = `${field.parentType.name}.${field.definition.name}`
        throw new Error(`"${name}" resolved to an object outside the type "${type.name}".`)
      }
      return this.#executeFields(plan.subselection(field, runtimeType, variables), value, path)
    }
    const resolveType = type.resolveType ?? defaultTypeResolver
    // The info belongs to the field, so the path omits list indexes.
    let ownPath = path
    while (typeof ownPath?.key === 'number') ownPath = ownPath.prev
    const info = new LazyResolveInfo(this.#request, field, ownPath?.prev)
    const typeName: unknown = resolveType(value, context, info, type)
    return isPromise(typeName) ? typeName.then(complete) : complete(typeName)
  }

  #handleFieldError(error: unknown, field: PlannedField, parentPath: Path | undefined): null {
    const path = fieldPath(parentPath, field)
    for (const single of error instanceof AggregateError ? error.errors : [error]) {
      this.#handleError(single, field, path, field.value.isNonNull)
    }
    return null
  }

  /** If `isNonNull` is true, throws the error. Otherwise adds the error to the response and returns null. */
  #handleError(error: unknown, { nodes }: PlannedField, path: Path, isNonNull: boolean): null {
    const limit = this.#errorLimit
    if (!isNonNull && limit?.appliesTo(error) === true && ++this.#limitedErrors > limit.max) {
      this.#furtherError ??= locatedError(toError(error), nodes, [])
      this.#errors.push(this.#furtherError)
      return null
    }
    this.#fieldCount += FIELDS_PER_ERROR
    const { stackTraceLimit } = Error
    // An answer can have thousands of errors. The original error has the useful stack trace.
    Error.stackTraceLimit = 0
    const located = locatedError(toError(error), nodes, pathToArray(path))
    Error.stackTraceLimit = stackTraceLimit
    if (isNonNull) throw located
    this.#errors.push(located)
    return null
  }

  #buildResponse(data: ResponseObject | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data }
  }

  #failRequest(error: unknown): ExecutionResult {
    this.#errors.push(error as GraphQLError)
    return this.#buildResponse(null)
  }
}

/** Computes each property on access, because most resolvers read no property. */
export class LazyResolveInfo implements GraphQLResolveInfo {
  readonly #request: PlannedRequest
  readonly #field: PlannedField
  readonly #parentPath: Path | undefined

  constructor(request: PlannedRequest, field: PlannedField, parentPath: Path | undefined) {
    this.#request = request
    this.#field = field
    this.#parentPath = parentPath
  }

  get fieldName() {
    return this.#field.definition.name
  }

  get fieldNodes() {
    return this.#field.nodes
  }

  get returnType() {
    return this.#field.definition.type
  }

  get parentType() {
    return this.#field.parentType
  }

  get path(): Path {
    return fieldPath(this.#parentPath, this.#field)
  }

  get schema() {
    return this.#request.plan.document.schema
  }

  get fragments() {
    return this.#request.plan.document.fragments
  }

  get rootValue() {
    return this.#request.rootValue
  }

  get operation() {
    return this.#request.plan.operation
  }

  get variableValues() {
    return this.#request.variables.coerced
  }
}

function fieldPath(parent: Path | undefined, { key, parentType }: PlannedField): Path {
  return { prev: parent, key, typename: parentType.name }
}

function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  let serialized: unknown
  try {
    serialized = type.serialize(value)
  } catch (error) {
    // A failed serialization is a bug of the server, so the error must not look like an error of the client.
    throw error instanceof GraphQLError ? new Error(error.message) : error
  }
  if (serialized === null || serialized === undefined) {
    throw new Error(`The type "${type}" serialized a value to ${serialized}.`)
  }
  return serialized
}

/** For promises that may be awaited late, or never. */
export function ignoreRejections(values: readonly unknown[]): void {
  for (const value of values) if (isPromise(value)) value.then(undefined, () => undefined)
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' && typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'
  )
}

function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const { message } = Object(thrown) as { readonly message?: unknown }
  return new Error(typeof message === 'string' ? message : String(thrown))
}

function pathToArray(path: Path): (string | number)[] {
  const keys: (string | number)[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key)
  return keys.reverse()
}

function promiseForObject(object: ResponseObject, pendingKeys: readonly string[]): Promise<ResponseObject> {
  const pending: Promise<void>[] = []
  for (const key of pendingKeys) {
    const promise = object[key] as Promise<unknown>
    object[key] = undefined
    const assigned = promise.then(value => {
      object[key] = value
    })
    pending.push(assigned)
  }
  const [first] = pending
  return (pending.length === 1 && first !== undefined ? first : Promise.all(pending)).then(() => object)
}
