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
import { FieldInfo } from './resolveInfo.ts'
import type { Path } from './path.ts'
import type { Complete, PlannedField, Running } from './executionTypes.ts'

const known = new WeakMap<GraphQLOutputType, Complete>()

/** How values of a type are completed. */
export const completing = (type: GraphQLOutputType): Complete => {
  let complete = known.get(type)
  if (complete === undefined) {
    complete = createCompleting(type)
    known.set(type, complete)
  }
  return complete
}

const createCompleting = (type: GraphQLOutputType): Complete => {
  if (!isNonNullType(type)) {
    const complete = completingNullable(type)
    return (run, field, path, value) => {
      if (value instanceof Error) throw value
      return value === null || value === undefined ? null : complete(run, field, path, value)
    }
  }
  const complete = completing(type.ofType)
  return (run, field, path, value) => {
    const completed = complete(run, field, path, value)
    if (completed === null) {
      throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`)
    }
    return completed
  }
}

/** Of a value that is there. */
const completingNullable = (type: GraphQLOutputType): Complete => {
  if (isLeafType(type)) return (_run, _field, _path, value) => completeLeaf(type, value)
  if (isListType(type)) return completingList(type.ofType)
  if (isObjectType(type)) return (run, field, path, value) => run.object(field, type, path, value)
  if (isAbstractType(type)) return completingAbstract(type)
  throw new Error(`There are no values of the type ${type}.`)
}

const completeLeaf = (type: GraphQLLeafType, value: unknown): unknown => {
  let serialized: unknown
  try {
    serialized = type.serialize(value)
  } catch (error) {
    // It is the gateway's mistake, and so not for the client to read.
    throw error instanceof GraphQLError ? new Error(error.message) : error
  }
  if (serialized === null || serialized === undefined) throw new Error(`A ${type} was serialized to nothing.`)
  return serialized
}

/** Of an asynchronous iterator nothing is made: no resolver gives one. */
const completingList = (type: GraphQLOutputType): Complete => {
  const complete = completing(type)
  const isLeaf = isLeafType(isNonNullType(type) ? type.ofType : type)
  const isNonNull = isNonNullType(type)
  const fail = (run: Running, field: PlannedField, path: Path | undefined, key: number, error: unknown) =>
    run.fail(error, field.nodes, { prev: path, key, typename: undefined }, isNonNull)
  return (run, field, path, value) => {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
      )
    }
    const completed: unknown[] = []
    let isPending = false
    for (const item of value) {
      const key = completed.length
      const itemPath = isLeaf ? undefined : { prev: path, key, typename: undefined }
      try {
        const done = isPromise(item)
          ? item.then(settled => complete(run, field, itemPath, settled))
          : complete(run, field, itemPath, item)
        if (isPromise(done)) isPending = true
        completed.push(isPromise(done) ? done.then(undefined, error => fail(run, field, path, key, error)) : done)
      } catch (error) {
        completed.push(failing(completed, () => fail(run, field, path, key, error)))
      }
    }
    return isPending ? Promise.all(completed) : completed
  }
}

/** Where the whole list fails with one of its items, nobody waits for what the others come to. */
const failing = (others: readonly unknown[], fail: () => null): null => {
  try {
    return fail()
  } catch (error) {
    for (const other of others) if (isPromise(other)) other.then(undefined, () => undefined)
    throw error
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'

const completingAbstract = (type: GraphQLAbstractType): Complete => {
  const resolveType = type.resolveType ?? defaultTypeResolver
  return (run, field, path, value) => {
    const name: unknown = resolveType(value, run.context, FieldInfo.at(run, field, path), type)
    return isPromise(name)
      ? name.then(settled => run.object(field, objectType(run, field, type, settled), path, value))
      : run.object(field, objectType(run, field, type, name), path, value)
  }
}

const objectType = (run: Running, field: PlannedField, type: GraphQLAbstractType, name: unknown): GraphQLObjectType => {
  const found = typeof name === 'string' ? run.schema.getType(name) : undefined
  if (isObjectType(found) && run.schema.isSubType(type, found)) return found
  // With a cause of its own, so that it is masked: it is the gateway's mistake.
  throw new Error(`An object of "${field.parentType.name}.${field.name}" is of no type of "${type.name}".`)
}
