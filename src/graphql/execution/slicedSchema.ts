import { isPromise, MapperKind, mapSchema, memoize3 } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isNonNullType,
  Kind,
  locatedError,
  type SelectionSetNode,
} from 'graphql'
import { type ErrorLimit, FIELDS_PER_ERROR, type FindCancellation, ignoreRejections } from './execution.ts'
import { turnQueue } from './turnQueue.ts'

type Resolver = GraphQLFieldResolver<unknown, object>

/**
 * Returns a schema for Yoga's executor, which completes all available objects at once. The resolvers count the selected
 * fields of each request. After `turnQueue.fieldsPerTurn` fields, further objects become available in later turns of the
 * event loop. `errorLimit` applies to leaf fields.
 */
export const toSlicedSchema = memoize3(
  (schema: GraphQLSchema, findCancellation: FindCancellation, errorLimit: ErrorLimit): GraphQLSchema => {
    const budgets = new WeakMap<object, FieldBudget>()
    const budgetOf = (context: object): FieldBudget => {
      const budget = budgets.get(context) ?? new FieldBudget(() => findCancellation(context), errorLimit.max)
      budgets.set(context, budget)
      return budget
    }
    return mapSchema(schema, {
      [MapperKind.OBJECT_FIELD]: field => {
        const resolve = field.resolve ?? defaultFieldResolver
        if (!isLeafType(getNamedType(field.type))) return { ...field, resolve: inSlices(resolve, budgetOf) }
        return isNonNullType(field.type) ? field : { ...field, resolve: withErrorLimit(resolve, budgetOf, errorLimit) }
      },
    })
  },
)

function withErrorLimit(
  resolve: Resolver,
  budgetOf: (context: object) => FieldBudget,
  { appliesTo }: ErrorLimit,
): Resolver {
  return (source, args, context, info) => {
    const value = resolve(source, args, context, info)
    return value instanceof Error && appliesTo(value) ? budgetOf(context).limitError(value, info) : value
  }
}

function inSlices(resolve: Resolver, budgetOf: (context: object) => FieldBudget): Resolver {
  return (source, args, context, info) => {
    const budget = budgetOf(context)
    // The executor reports an error that is the value of a field.
    const releaseError = (error: unknown) => {
      if (error instanceof Error) return budget.release(error, FIELDS_PER_ERROR)
      throw error
    }
    try {
      const value = resolve(source, args, context, info)
      const size = countSelectedFields(info)
      if (!isPromise(value)) return budget.release(value, size)
      return value.then(resolved => budget.release(resolved, size), releaseError)
    } catch (error) {
      return releaseError(error)
    }
  }
}

/** An object with `size` selected fields, for which the budget of the turn was too small. */
interface WaitingObject {
  readonly size: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

class FieldBudget {
  readonly #findCancellation: () => unknown
  /** Number of fields that may still be completed in this turn. */
  #rest = turnQueue.fieldsPerTurn
  #waiting: WaitingObject[] = []
  readonly #maxLimitedErrors: number
  #limitedErrors = 0
  #furtherError: Error | null = null

  constructor(findCancellation: () => unknown, maxLimitedErrors: number) {
    this.#findCancellation = findCancellation
    this.#maxLimitedErrors = maxLimitedErrors
  }

  /** The executor adds no path to an error with an empty path. */
  limitError(error: Error, { fieldNodes }: GraphQLResolveInfo): Error {
    if (++this.#limitedErrors <= this.#maxLimitedErrors) return error
    this.#furtherError ??= locatedError(error, fieldNodes, [])
    return this.#furtherError
  }

  /** Returns the value of a field. Objects above the budget are replaced by promises. */
  release(value: unknown, size: number): unknown {
    if (!Array.isArray(value)) return this.#releaseObject(value, size)
    if (this.#rest >= value.length * size) {
      this.#rest -= value.length * size
      return value
    }
    const items = value.map(item => this.#releaseObject(item, size))
    // The executor awaits neither items before their turn, nor items of a list that has failed.
    ignoreRejections(value)
    ignoreRejections(items)
    return items
  }

  #releaseObject(object: unknown, size: number): unknown {
    if (this.#rest > 0) {
      this.#rest -= size
      return object
    }
    return new Promise((resolve, reject) => {
      const isFirst = this.#waiting.push({ size, resolve: () => resolve(object), reject }) === 1
      if (isFirst) turnQueue.add(maxFields => this.#continue(maxFields))
    })
  }

  /** Returns the number of released fields. Rejects all objects if the operation is cancelled. */
  #continue(maxFields: number): number {
    const cancellation = this.#findCancellation()
    this.#rest = maxFields
    let count = 0
    for (const { size, resolve, reject } of this.#waiting) {
      if (cancellation !== null) reject(cancellation)
      else if (this.#rest <= 0) break
      else resolve()
      this.#rest -= size
      count++
    }
    this.#waiting = this.#waiting.slice(count)
    if (this.#waiting.length > 0) turnQueue.add(nextFields => this.#continue(nextFields))
    return maxFields - this.#rest
  }
}

const fieldCounts = new WeakMap<SelectionSetNode, number>()

/** Counts the fields of the objects of a field, without the fields of nested objects. */
function countSelectedFields({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  let count = 1
  for (const { selectionSet } of fieldNodes) if (selectionSet) count += countFields(selectionSet, fragments)
  return count
}

function countFields(selectionSet: SelectionSetNode, fragments: GraphQLResolveInfo['fragments']): number {
  const known = fieldCounts.get(selectionSet)
  if (known !== undefined) return known
  let count = 0
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      count++
    } else {
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection
      if (fragment) count += countFields(fragment.selectionSet, fragments)
    }
  }
  fieldCounts.set(selectionSet, count)
  return count
}
