import { defaultTypeResolver } from '@graphql-tools/executor'
import { isPromise } from '@graphql-tools/utils'
import {
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Completer, ExecutionContext, PlannedField } from './executionTypes.ts'
import { LazyResolveInfo } from './lazyResolveInfo.ts'
import type { Path } from './path.ts'

const completers = new WeakMap<GraphQLOutputType, Completer>()

export function completerOf(type: GraphQLOutputType): Completer {
  let completer = completers.get(type)
  if (completer === undefined) {
    completer = createCompleter(type)
    completers.set(type, completer)
  }
  return completer
}

function createCompleter(type: GraphQLOutputType): Completer {
  if (!isNonNullType(type)) {
    const complete = createValueCompleter(type)
    return (execution, field, path, value) => {
      if (value instanceof Error) throw value
      return value === null || value === undefined ? null : complete(execution, field, path, value)
    }
  }
  const complete = completerOf(type.ofType)
  return (execution, field, path, value) => {
    const completed = complete(execution, field, path, value)
    if (completed === null) {
      throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`)
    }
    return completed
  }
}

/** Creates a completer for values that are not null, undefined or an error. */
function createValueCompleter(type: GraphQLOutputType): Completer {
  if (isLeafType(type)) return (_execution, _field, _path, value) => completeLeaf(type, value)
  if (isListType(type)) return createListCompleter(type.ofType)
  if (isObjectType(type)) return (execution, field, path, value) => execution.completeObject(field, type, path, value)
  if (isAbstractType(type)) return createAbstractCompleter(type)
  throw new Error(`Cannot complete values of the type "${type}": expected an output type.`)
}

function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  let serialized: unknown
  try {
    serialized = type.serialize(value)
  } catch (error) {
    // A failed serialization is a bug of the gateway. The response masks the message of a plain `Error`.
    throw error instanceof GraphQLError ? new Error(error.message) : error
  }
  if (serialized === null || serialized === undefined) {
    throw new Error(`The type "${type}" serialized a value to ${serialized}.`)
  }
  return serialized
}

/** Does not support async iterables, because no resolver returns an async iterable. */
function createListCompleter(type: GraphQLOutputType): Completer {
  const complete = completerOf(type)
  const isLeaf = isLeafType(isNonNullType(type) ? type.ofType : type)
  const isNonNull = isNonNullType(type)
  const handleError = (
    execution: ExecutionContext,
    field: PlannedField,
    path: Path | undefined,
    key: number,
    error: unknown,
  ) => execution.handleError(error, field.nodes, { prev: path, key, typename: undefined }, isNonNull)
  return (execution, field, path, value) => {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
      )
    }
    const completedItems: unknown[] = []
    let isPending = false
    for (const item of value) {
      const key = completedItems.length
      const itemPath = isLeaf ? undefined : { prev: path, key, typename: undefined }
      try {
        const completed = isPromise(item)
          ? item.then(resolved => complete(execution, field, itemPath, resolved))
          : complete(execution, field, itemPath, item)
        if (isPromise(completed)) isPending = true
        completedItems.push(
          isPromise(completed)
            ? completed.then(undefined, error => handleError(execution, field, path, key, error))
            : completed,
        )
      } catch (error) {
        const handle = () => handleError(execution, field, path, key, error)
        completedItems.push(handleItemError(completedItems, handle))
      }
    }
    return isPending ? Promise.all(completedItems) : completedItems
  }
}

/** If the error fails the whole list, nothing awaits the earlier items. Rejections of earlier items are ignored. */
function handleItemError(earlierItems: readonly unknown[], handle: () => null): null {
  try {
    return handle()
  } catch (error) {
    for (const item of earlierItems) if (isPromise(item)) item.then(undefined, () => undefined)
    throw error
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' && typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'
  )
}

function createAbstractCompleter(type: GraphQLAbstractType): Completer {
  const resolveType = type.resolveType ?? defaultTypeResolver
  return (execution, field, path, value) => {
    const complete = (typeName: unknown) =>
      execution.completeObject(field, ensureValidRuntimeType(execution, field, type, typeName), path, value)
    const typeName: unknown = resolveType(
      value,
      execution.context,
      LazyResolveInfo.atPath(execution, field, path),
      type,
    )
    return isPromise(typeName) ? typeName.then(complete) : complete(typeName)
  }
}

function ensureValidRuntimeType(
  { schema }: ExecutionContext,
  field: PlannedField,
  type: GraphQLAbstractType,
  typeName: unknown,
): GraphQLObjectType {
  const runtimeType = typeof typeName === 'string' ? schema.getType(typeName) : undefined
  if (isObjectType(runtimeType) && schema.isSubType(type, runtimeType)) return runtimeType
  throw new Error(`"${field.parentType.name}.${field.name}" resolved to an object outside the type "${type.name}".`)
}
