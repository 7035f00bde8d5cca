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
import { FieldInfo } from './resolveInfo.ts'
import { type Path, pathBelow, pathToArray } from './path.ts'
import type { Plan } from './plan.ts'
import type { PlannedField, Running, Selection } from './executionTypes.ts'

type Arguments = Readonly<Record<string, unknown>>
type Answer = Record<string, unknown>
type Method = (args: Arguments, context: unknown, info: FieldInfo) => unknown

/**
 * One run of a planned query. It does what the executor does in the same order and in the same turns, so that loaders
 * batch what they batched, and errors stand in the order in which they did.
 */
export class Run implements Running {
  readonly #plan: Plan
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
  readonly #errors: GraphQLError[] = []
  /** By the number of the field: variables are the same wherever it is run, and so are arguments. */
  readonly #arguments: Arguments[] = []

  constructor(plan: Plan, variables: VariableValues, { contextValue, rootValue }: ExecutionArgs) {
    this.#plan = plan
    this.schema = plan.schema
    this.operation = plan.operation
    this.fragments = plan.fragments
    this.variables = variables
    this.context = contextValue
    this.rootValue = rootValue
  }

  result(): ExecutionResult | Promise<ExecutionResult> {
    try {
      const data = this.#select(this.#plan.root(this.variables), this.rootValue, undefined)
      if (!isPromise(data)) return this.#answer(data)
      const answered = data.then(
        settled => this.#answer(settled),
        error => this.#failed(error),
      )
      // The executor takes a turn more until it has answered, and errors of that turn are answered too.
      return answered.then(result => result)
    } catch (error) {
      return this.#failed(error)
    }
  }

  object(field: PlannedField, type: GraphQLObjectType, path: Path | undefined, value: unknown): unknown {
    return this.#select(field.selection(type, this.variables), value, path)
  }

  fail(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean): null {
    const located = locatedError(asError(error), nodes, pathToArray(path))
    if (isNonNull) throw located
    this.#errors.push(located)
    return null
  }

  #select({ fields, isPlain }: Selection, source: unknown, path: Path | undefined): Answer | Promise<Answer> {
    const answer: Answer = isPlain ? {} : Object.create(null)
    let pending: string[] | null = null
    try {
      for (const field of fields) {
        const value = this.#run(field, source, path)
        answer[field.key] = value
        if (!isPromise(value)) continue
        pending ??= []
        pending.push(field.key)
      }
    } catch (error) {
      if (pending === null) throw error
      const fail = () => {
        throw error
      }
      // What the others come to is waited for, as they may fail as well.
      return settled(answer, pending).then(fail, fail)
    }
    return pending === null ? answer : settled(answer, pending)
  }

  #run(field: PlannedField, source: unknown, parent: Path | undefined): unknown {
    if (field.typename !== null) return field.typename
    const path = field.isLeaf ? undefined : pathBelow(parent, field)
    try {
      const value = this.#resolve(field, source, parent)
      const completed = isPromise(value)
        ? value.then(settled => field.complete(this, field, path, settled))
        : field.complete(this, field, path, value)
      if (!isPromise(completed)) return completed
      return completed.then(undefined, error => this.#failField(error, field, parent))
    } catch (error) {
      return this.#failField(error, field, parent)
    }
  }

  #resolve(field: PlannedField, source: unknown, parent: Path | undefined): unknown {
    const args = field.takesArguments ? this.#argumentsOf(field) : undefined
    const { resolve, name } = field
    if (resolve !== null) return resolve(source, args ?? {}, this.context, new FieldInfo(this, field, parent))
    if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return undefined
    const object = source as Record<string, unknown>
    const value = object[name]
    if (typeof value !== 'function') return value
    return (object as Record<string, Method>)[name]?.(args ?? {}, this.context, new FieldInfo(this, field, parent))
  }

  #argumentsOf({ number, definition, nodes: [node] }: PlannedField): Arguments {
    let args = this.#arguments[number]
    if (args === undefined) {
      const { coerced, sources } = this.variables
      args = Object.freeze(getArgumentValues(definition, node as FieldNode, coerced, sources))
      this.#arguments[number] = args
    }
    return args
  }

  #failField(error: unknown, field: PlannedField, parent: Path | undefined): null {
    const path = pathBelow(parent, field)
    for (const each of error instanceof AggregateError ? error.errors : [error]) {
      this.fail(each, field.nodes, path, field.isNonNull)
    }
    return null
  }

  #answer(data: Answer | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data }
  }

  #failed(error: unknown): ExecutionResult {
    this.#errors.push(error as GraphQLError)
    return this.#answer(null)
  }
}

/** What was thrown may be no error, and yet have a message. */
const asError = (thrown: unknown): Error => {
  if (thrown instanceof Error) return thrown
  const { message } = Object(thrown) as { readonly message?: unknown }
  return new Error(typeof message === 'string' ? message : String(thrown))
}

/** The answer, when what its keys were promised is in it. */
const settled = (answer: Answer, pending: readonly string[]): Promise<Answer> => {
  const all = pending.map(key => {
    const promise = answer[key] as Promise<unknown>
    answer[key] = undefined
    return promise.then(value => {
      answer[key] = value
    })
  })
  const [only] = all
  return (all.length === 1 && only !== undefined ? only : Promise.all(all)).then(() => answer)
}
