import { isPromise, MapperKind, mapSchema, memoize3 } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  GraphQLError,
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
import {
  type ErrorLimit,
  type ExecutionLimits,
  FIELDS_PER_ERROR,
  type FindCancellation,
  ignoreRejections,
} from './execution.ts'
import { turnQueue } from './turnQueue.ts'

type Resolver = GraphQLFieldResolver<unknown, object>

/**
 * Returns a schema for Yoga's executor, which completes all available objects at once. The resolvers count the selected
 * fields of each request. After `turnQueue.fieldsPerTurn` fields, further objects become available in later turns of the
 * event loop. Above `maxFields`, objects are replaced by an error with an empty path. The limit of
 * errors applies to leaf fields.
 */
export const toSlicedSchema = memoize3(
  (schema: GraphQLSchema, findCancellation: FindCancellation, limits: ExecutionLimits): GraphQLSchema => {
    const budgets = new WeakMap<object, FieldBudget>()
    const budgetOf: BudgetOf = (context, { rootValue }) => {
      const known = budgets.get(context)
      // All events of a subscription have one context.
      if (known !== undefined && known.rootValue === rootValue) return known
      const budget = new FieldBudget(rootValue, () => findCancellation(context), limits)
      budgets.set(context, budget)
      return budget
    }
    return mapSchema(schema, {
      [MapperKind.OBJECT_FIELD]: field => {
        const resolve = field.resolve ?? defaultFieldResolver
        if (!isLeafType(getNamedType(field.type))) return { ...field, resolve: inSlices(resolve, budgetOf) }
        return isNonNullType(field.type)
          ? field
          : { ...field, resolve: withErrorLimit(resolve, budgetOf, limits.errors) }
      },
    })
  },
)

type BudgetOf = (context: object, info: GraphQLResolveInfo) => FieldBudget

function withErrorLimit(resolve: Resolver, budgetOf: BudgetOf, { appliesTo }: ErrorLimit): Resolver {
  return (source, args, context, info) => {
    const value = resolve(source, args, context, info)
    return value instanceof Error && appliesTo(value) ? budgetOf(context, info).limitError(value, info) : value
  }
}

function inSlices(resolve: Resolver, budgetOf: BudgetOf): Resolver {
  return (source, args, context, info) => {
    const budget = budgetOf(context, info)
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
  readonly rootValue: unknown
  readonly #findCancellation: () => unknown
  /** Number of fields that may still be completed in this turn. */
  #rest = turnQueue.fieldsPerTurn
  #waiting: WaitingObject[] = []
  readonly #maxLimitedErrors: number
  #limitedErrors = 0
  #furtherError: Error | null = null

  /** Number of fields that the operation or event may still complete. */
  #remainingFields: number
  #tooManyFields: Error | null = null

  constructor(rootValue: unknown, findCancellation: () => unknown, limits: ExecutionLimits) {
    this.rootValue = rootValue
    this.#remainingFields = limits.maxFields
    this.#findCancellation = findCancellation
    this.#maxLimitedErrors = limits.errors.max
  }

  /** The executor adds no path to an error with an empty path. */
  limitError(error: Error, { fieldNodes }: GraphQLResolveInfo): Error {
    if (++this.#limitedErrors <= this.#maxLimitedErrors) return error
    this.#furtherError ??= locatedError(error, fieldNodes, [])
    return this.#furtherError
  }

  /** Returns the value of a field. Objects above the budget are replaced by promises. */
  release(value: unknown, size: number): unknown {
    this.#remainingFields -= Array.isArray(value) ? value.length * size : size
    if (this.#remainingFields < 0) {
      this.#tooManyFields ??= tooManyFields()
      return this.#tooManyFields
    }
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

/** The cost counts lists of unknown length with their usual length, which the length can exceed by far. */
function tooManyFields(): GraphQLError {
  const message = 'The lists of the response are too long: request smaller pages or fewer fields.'
  return new GraphQLError(message, { path: [], extensions: { code: 'RESPONSE_TOO_LARGE' } })
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
