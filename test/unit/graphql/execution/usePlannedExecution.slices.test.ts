import { normalizedExecutor } from '@graphql-tools/executor'
import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, parse, validate } from 'graphql'
import { semanticToStrict } from 'graphql-sock'
import { createSchema as createYogaSchema } from 'graphql-yoga'
import { afterEach, describe, expect, it } from 'vitest'
import type { ExecutionLimits, FindCancellation } from '../../../../src/graphql/execution/execution.ts'
import { turnQueue } from '../../../../src/graphql/execution/turnQueue.ts'
import {
  type FindConditionVariables,
  usePlannedExecution,
} from '../../../../src/graphql/execution/usePlannedExecution.ts'
import { createSchema } from '../../../../src/graphql/schema.ts'
import { Loaders } from '../../../../src/loaders/loaders.ts'
import { Prng } from '../../../support/prng.ts'
import { findConditionVariables } from './findConditionVariables.ts'
import { ACCOUNTS, MemoryRestcomm } from './memoryRestcomm.ts'
import { randomQuery } from './randomQueries.ts'
import { failingSchema, rowSchema } from './rowSchema.ts'
import { countTurns, resultOf } from './turns.ts'

type Execute = (args: ExecutionArgs) => unknown

const FIELDS_PER_TURN = turnQueue.fieldsPerTurn
afterEach(() => {
  turnQueue.fieldsPerTurn = FIELDS_PER_TURN
})

function plannedExecution(
  findCancellation?: FindCancellation,
  limits?: ExecutionLimits,
  conditionVariables: FindConditionVariables = findConditionVariables,
): Execute {
  let execute: Execute = () => {
    throw new Error('Expected a plan.')
  }
  const executeFn = normalizedExecutor
  const setExecuteFn = (wrapped: Execute) => {
    execute = wrapped
  }
  usePlannedExecution(conditionVariables, findCancellation, limits).onExecute?.({
    executeFn,
    setExecuteFn,
  } as never)
  return args => execute(args)
}

describe('execution in slices and the executor return the same data and errors', () => {
  const schemas: readonly GraphQLSchema[] = [createSchema(), semanticToStrict(createSchema())]
  const contextValue = () => ({
    loaders: new Loaders(new MemoryRestcomm(1, 0), {
      defaultPageSize: 3,
      maxPageSize: 100,
      maxSortedRows: 8,
      maxQuerySortedRows: 20,
    }),
    resolveViewerSid: async () => ACCOUNTS[0],
    assertAccountAllowed: () => undefined,
  })

  it('execution in slices of 1 to 20 fields returns the result of the executor for random queries', async () => {
    const prng = new Prng(Number(process.env.FUZZ_SEED ?? 1))
    let compared = 0
    for (let number = 0; number < 400; number++) {
      const schema = schemas[number % 4 === 0 ? 1 : 0] as GraphQLSchema
      const { text, variables } = randomQuery(schema, prng)
      if (text.length > 2_000) continue
      const document = parse(text)
      if (validate(schema, document).length > 0) continue
      turnQueue.fieldsPerTurn = prng.pick([1, 2, 3, 20])
      const args = { schema, document, ...(variables && { variableValues: variables }) }
      const expected = await resultOf(normalizedExecutor, { ...args, contextValue: contextValue() })
      const actual = await resultOf(plannedExecution(), { ...args, contextValue: contextValue() })
      // A failed non-null field decides which errors of pending fields belong to the response, by the order of reports.
      if (schema === schemas[1]) expect(actual.data).toEqual(expected.data)
      else expect(actual).toEqual(expected)
      compared++
    }
    expect(compared).toBeGreaterThan(150)
  })
})

const LARGE = parse(
  '{ rows(count: 120) { name rows(count: 50) { name other: name late { name } strict { name } } } other }',
)

it('execution in slices returns the data and errors of the executor for a large answer', async () => {
  const args = { schema: rowSchema(), document: LARGE }
  const { data, errors } = await resultOf(plannedExecution(), args)
  const expected = await resultOf(normalizedExecutor, args)
  expect(data === expected.data).toBe(true)
  expect(errors).toEqual(expected.errors)
  expect(errors.length).toBeGreaterThan(100)
})

it('a large execution completes a limited number of fields in a turn of the event loop', async () => {
  let names = 0
  let maxNames = 0
  let turns = 0
  const args = { schema: rowSchema(() => names++), document: LARGE }
  await countTurns(plannedExecution()(args) as Promise<unknown>, () => {
    maxNames = Math.max(maxNames, names)
    names = 0
    turns++
  })
  expect(maxNames).toBeLessThan(FIELDS_PER_TURN)
  expect(turns).toBeGreaterThan(3)
})

it('several large executions together complete a limited number of fields in a turn, and take turns', async () => {
  const counts = [0, 0, 0]
  const maxCounts: number[] = []
  let sum = 0
  let previous = 0
  const document = parse('{ rows(count: 8000) { name } }')
  const running = counts.map((_, index) => {
    const schema = rowSchema(() => {
      counts[index] = (counts[index] ?? 0) + 1
      sum++
    })
    return plannedExecution()({ schema, document }) as Promise<unknown>
  })
  await countTurns(Promise.all(running), () => {
    maxCounts.push(sum - previous)
    previous = sum
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(FIELDS_PER_TURN)
  })
  expect(maxCounts.length).toBeGreaterThan(3)
  // In the first turn, each execution completes its first fields.
  expect(Math.max(...maxCounts.slice(1))).toBeLessThanOrEqual(FIELDS_PER_TURN)
})

it('a small execution completes without waiting for a turn of the event loop', async () => {
  let turns = 0
  const args = { schema: rowSchema(), document: parse('{ rows(count: 20) { name late { name } } other }') }
  await countTurns(plannedExecution()(args) as Promise<unknown>, () => turns++)
  expect(turns).toBe(0)
})

it('a cancelled execution completes nothing more, and keeps the data so far', async () => {
  let names = 0
  let isCancelled = false
  const schema = rowSchema(() => {
    names++
    if (names === 1_000) isCancelled = true
  })
  const execute = plannedExecution(() => (isCancelled ? new Error('The deadline has passed.') : null))
  const document = parse('{ other first: rows(count: 100) { name } rows(count: 20000) { name } }')
  const { data, errors = [] } = (await execute({ schema, document })) as ExecutionResult
  expect(names).toBeLessThan(FIELDS_PER_TURN)
  expect(data).toMatchObject({ other: 'other', rows: null })
  expect(data?.first).toHaveLength(100)
  const cancelled = errors.filter(({ path }) => path?.[0] === 'rows' && path.length === 1)
  expect(cancelled.map(({ message, path }) => [message, path])).toEqual([['The deadline has passed.', ['rows']]])
})

it('no rejection is unhandled while a list with non-null items waits for its next slice', async () => {
  const rejections: unknown[] = []
  const keep = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', keep)
  try {
    turnQueue.fieldsPerTurn = 1
    const schema = rowSchema()
    const document = parse('{ rows(count: 40) { name strict { name late { name } } } }')
    const expected = await resultOf(normalizedExecutor, { schema, document })
    expect((await resultOf(plannedExecution(), { schema, document })).data).toEqual(expected.data)
    await new Promise(setImmediate)
    expect(rejections).toEqual([])
  } finally {
    process.off('unhandledRejection', keep)
  }
})

it('a large execution reports a limited number of errors in a turn of the event loop', async () => {
  let reports = 0
  let maxReports = 0
  const document = parse('{ rows(count: 2500) { thrown { __typename } rejected { __typename } } }')
  const executed = plannedExecution()({ schema: failingSchema(() => reports++), document }) as Promise<ExecutionResult>
  const { errors } = await countTurns(executed, () => {
    maxReports = Math.max(maxReports, reports)
    reports = 0
  })
  expect(errors).toHaveLength(5_000)
  expect(Math.max(maxReports, reports)).toBeLessThan(FIELDS_PER_TURN / 2)
})

it.each([
  ['with a plan', findConditionVariables],
  ['without a plan', () => null],
])('an execution %s creates only as many limited errors as the response lists', async (_title, conditionVariables) => {
  const schema = createYogaSchema({
    typeDefs: 'type Query { rows: [Row] } type Row { name: String strict: String! child: Row }',
    resolvers: {
      Query: {
        rows: () => Array.from({ length: 100 }, (_, row) => ({ name: new RangeError(`name ${row}`), child: {} })),
      },
      Row: { child: ({ name }) => (name ? { strict: new RangeError('strict') } : null) },
    },
  })
  const errorLimit = { max: 3, appliesTo: (error: unknown) => error instanceof RangeError }
  const limits = { errors: errorLimit, maxFields: 10_000 }
  const document = parse('{ rows { name alias: name child { strict } } }')
  const args = { schema, document, contextValue: {} }
  const execute = plannedExecution(() => null, limits, conditionVariables)
  const { errors = [] } = (await execute(args)) as ExecutionResult
  expect(errors).toHaveLength(300)
  const limited = errors.filter(({ message }) => message.startsWith('name'))
  expect(limited.slice(0, 4).map(({ message, path }) => `${path?.join('.')}: ${message}`)).toEqual([
    'rows.0.name: name 0',
    'rows.0.alias: name 0',
    'rows.1.name: name 1',
    ': name 1',
  ])
  expect(new Set(limited.slice(3)).size).toBe(1)
  expect(limited).toHaveLength(200)
})
