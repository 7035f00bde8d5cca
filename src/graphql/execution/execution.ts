import { getArgumentValues, isPromise, type VariableValues } from '@graphql-tools/utils'
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql'
import type { ExecutionContext, PlannedField, Selection } from './executionTypes.ts'
import { LazyResolveInfo } from './lazyResolveInfo.ts'
import { fieldPath, type Path, pathToArray } from './path.ts'
import type { Plan } from './plan.ts'

type ArgumentValues = Readonly<Record<string, unknown>>
type ResponseObject = Record<string, unknown>
type ResolverMethod = (args: ArgumentValues, context: unknown, info: LazyResolveInfo) => unknown

/** Runs each resolver in the same microtask as Yoga's executor, so that DataLoader creates the same batches. */
export class Execution implements ExecutionContext {
  readonly #plan: Plan
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
  readonly #errors: GraphQLError[] = []
  /** Coerced values by `argsId`, reused because variables do not change during an execution. */
  readonly #argumentValues: ArgumentValues[] = []

  constructor(plan: Plan, variables: VariableValues, { contextValue, rootValue }: ExecutionArgs) {
    this.#plan = plan
    this.schema = plan.schema
    this.operation = plan.operation
    this.fragments = plan.fragments
    this.variables = variables
    this.context = contextValue
    this.rootValue = rootValue
  }

  execute(): ExecutionResult | Promise<ExecutionResult> {
    try {
      const data = this.#executeFields(this.#plan.rootSelection(this.variables), this.rootValue, undefined)
      if (!isPromise(data)) return this.#buildResponse(data)
      const response = data.then(
        resolved => this.#buildResponse(resolved),
        error => this.#failRequest(error),
      )
      // The second `then` delays the response by one microtask, as in Yoga's executor.
      return response.then(result => result)
    } catch (error) {
      return this.#failRequest(error)
    }
  }

  completeObject(field: PlannedField, type: GraphQLObjectType, path: Path | undefined, value: unknown): unknown {
    return this.#executeFields(field.selection(type, this.variables), value, path)
  }

  handleError(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean): null {
    const located = locatedError(toError(error), nodes, pathToArray(path))
    if (isNonNull) throw located
    this.#errors.push(located)
    return null
  }

  #executeFields(
    { fields, allowsPlainObject }: Selection,
    source: unknown,
    path: Path | undefined,
  ): ResponseObject | Promise<ResponseObject> {
    const object: ResponseObject = allowsPlainObject ? {} : Object.create(null)
    let pendingKeys: string[] | null = null
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

  #executeField(field: PlannedField, source: unknown, parentPath: Path | undefined): unknown {
    if (field.typename !== null) return field.typename
    const path = field.isLeaf ? undefined : fieldPath(parentPath, field)
    try {
      const value = this.#resolveField(field, source, parentPath)
      const completed = isPromise(value)
        ? value.then(resolved => field.complete(this, field, path, resolved))
        : field.complete(this, field, path, value)
      if (!isPromise(completed)) return completed
      return completed.then(undefined, error => this.#handleFieldError(error, field, parentPath))
    } catch (error) {
      return this.#handleFieldError(error, field, parentPath)
    }
  }

  #resolveField(field: PlannedField, source: unknown, parentPath: Path | undefined): unknown {
    const args = field.takesArguments ? this.#argumentValuesOf(field) : undefined
    const { resolve, name } = field
    if (resolve !== null) return resolve(source, args ?? {}, this.context, new LazyResolveInfo(this, field, parentPath))
    if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return undefined
    const object = source as Record<string, unknown>
    const value = object[name]
    if (typeof value !== 'function') return value
    const info = new LazyResolveInfo(this, field, parentPath)
    return (object as Record<string, ResolverMethod>)[name]?.(args ?? {}, this.context, info)
  }

  #argumentValuesOf({ argsId, definition, nodes: [node] }: PlannedField): ArgumentValues {
    let args = this.#argumentValues[argsId]
    if (args === undefined) {
      const { coerced, sources } = this.variables
      args = Object.freeze(getArgumentValues(definition, node as FieldNode, coerced, sources))
      this.#argumentValues[argsId] = args
    }
    return args
  }

  #handleFieldError(error: unknown, field: PlannedField, parentPath: Path | undefined): null {
    const path = fieldPath(parentPath, field)
    for (const single of error instanceof AggregateError ? error.errors : [error]) {
      this.handleError(single, field.nodes, path, field.isNonNull)
    }
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

function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const { message } = Object(thrown) as { readonly message?: unknown }
  return new Error(typeof message === 'string' ? message : String(thrown))
}

function promiseForObject(object: ResponseObject, pendingKeys: readonly string[]): Promise<ResponseObject> {
  const pending = pendingKeys.map(key => {
    const promise = object[key] as Promise<unknown>
    object[key] = undefined
    return promise.then(value => {
      object[key] = value
    })
  })
  const [first] = pending
  return (pending.length === 1 && first !== undefined ? first : Promise.all(pending)).then(() => object)
}
