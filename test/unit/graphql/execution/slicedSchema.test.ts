import { normalizedExecutor } from '@graphql-tools/executor'
import { type ExecutionResult, type GraphQLSchema, parse, validate } from 'graphql'
import { semanticToStrict } from 'graphql-sock'
import { afterEach, expect, it } from 'vitest'
import type { FindCancellation } from '../../../../src/graphql/execution/execution.ts'
import { toSlicedSchema } from '../../../../src/graphql/execution/slicedSchema.ts'
import { turnQueue } from '../../../../src/graphql/execution/turnQueue.ts'
import { createSchema } from '../../../../src/graphql/schema.ts'
import { Loaders } from '../../../../src/loaders/loaders.ts'
import { Prng } from '../../../support/prng.ts'
import { ACCOUNTS, MemoryRestcomm } from './memoryRestcomm.ts'
import { randomQuery } from './randomQueries.ts'
import { failingSchema, rowSchema } from './rowSchema.ts'
import { countTurns, resultOf } from './turns.ts'

const FIELDS_PER_TURN = turnQueue.fieldsPerTurn
afterEach(() => {
  turnQueue.fieldsPerTurn = FIELDS_PER_TURN
})

const neverCancelled = () => null
const sliced = (schema: GraphQLSchema, findCancellation: FindCancellation) =>
  toSlicedSchema(schema, findCancellation, { errors: { max: 0, appliesTo: () => false }, maxFields: 100_000 })
const LARGE = parse(
  '{ rows(count: 120) { name rows(count: 50) { name other: name late { name } strict { name } } } other }',
)

it('the sliced schema returns the data and errors of the schema for random queries', async () => {
  const createContext = () => ({
    loaders: new Loaders(new MemoryRestcomm(1, 0), {
      defaultPageSize: 3,
      maxPageSize: 100,
      maxSortedRows: 8,
      maxQuerySortedRows: 20,
    }),
    resolveViewerSid: async () => ACCOUNTS[0],
    assertAccountAllowed: () => undefined,
  })
  const strictSchema = semanticToStrict(createSchema())
  const prng = new Prng(Number(process.env.FUZZ_SEED ?? 1))
  let compared = 0
  for (let number = 0; number < 300; number++) {
    const isStrict = number % 4 === 0
    const schema = isStrict ? strictSchema : createSchema()
    const { text, variables } = randomQuery(schema, prng)
    if (text.length > 2_000) continue
    const document = parse(text)
    if (validate(schema, document).length > 0) continue
    turnQueue.fieldsPerTurn = prng.pick([1, 2, 3, 20])
    const execute = (given: GraphQLSchema) =>
      resultOf(normalizedExecutor, {
        schema: given,
        document,
        contextValue: createContext(),
        ...(variables && { variableValues: variables }),
      })
    const expected = await execute(schema)
    const actual = await execute(sliced(schema, neverCancelled))
    if (isStrict) expect(actual.data).toEqual(expected.data)
    else expect(actual).toEqual(expected)
    compared++
  }
  expect(compared).toBeGreaterThan(100)
})

it('the sliced schema returns the data and errors of the schema for a large answer', async () => {
  const schema = rowSchema()
  const expected = await resultOf(normalizedExecutor, { schema, document: LARGE, contextValue: {} })
  const slicedSchema = sliced(schema, neverCancelled)
  const { data, errors } = await resultOf(normalizedExecutor, {
    schema: slicedSchema,
    document: LARGE,
    contextValue: {},
  })
  expect(data === expected.data).toBe(true)
  expect(errors).toEqual(expected.errors)
})

it('the sliced schema completes a limited number of fields in a turn of the event loop', async () => {
  let names = 0
  let maxNames = 0
  let turns = 0
  const schema = sliced(
    rowSchema(() => names++),
    neverCancelled,
  )
  await countTurns(normalizedExecutor({ schema, document: LARGE, contextValue: {} }) as Promise<unknown>, () => {
    maxNames = Math.max(maxNames, names)
    names = 0
    turns++
  })
  expect(maxNames).toBeLessThan(FIELDS_PER_TURN)
  expect(turns).toBeGreaterThan(3)
})

it('a small query completes without waiting for a turn of the event loop', async () => {
  let turns = 0
  const schema = sliced(rowSchema(), neverCancelled)
  const document = parse('{ rows(count: 20) { name late { name } } other }')
  await countTurns(normalizedExecutor({ schema, document, contextValue: {} }) as Promise<unknown>, () => turns++)
  expect(turns).toBe(0)
})

it('a cancelled operation completes nothing more, keeps the data so far, and leaves no rejection unhandled', async () => {
  const rejections: unknown[] = []
  const keep = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', keep)
  try {
    let names = 0
    let isCancelled = false
    const schema = sliced(
      rowSchema(() => {
        names++
        if (names === 1_000) isCancelled = true
      }),
      () => (isCancelled ? new Error('The deadline has passed.') : null),
    )
    const document = parse('{ other first: rows(count: 100) { name } rows(count: 20000) { name strict { name } } }')
    const { data, errors = [] } = (await normalizedExecutor({ schema, document, contextValue: {} })) as ExecutionResult
    expect(names).toBeLessThan(FIELDS_PER_TURN)
    expect(data).toMatchObject({ other: 'other' })
    expect(data?.first).toHaveLength(100)
    expect(errors.map(({ message }) => message)).toContain('The deadline has passed.')
    await new Promise(setImmediate)
    expect(rejections).toEqual([])
  } finally {
    process.off('unhandledRejection', keep)
  }
})

it('the sliced schema reports a limited number of errors in a turn of the event loop', async () => {
  let reports = 0
  let maxReports = 0
  const schema = sliced(
    failingSchema(() => reports++),
    neverCancelled,
  )
  const document = parse('{ rows(count: 2500) { thrown { __typename } rejected { __typename } } }')
  const executed = normalizedExecutor({ schema, document, contextValue: {} }) as Promise<ExecutionResult>
  const { errors } = await countTurns(executed, () => {
    maxReports = Math.max(maxReports, reports)
    reports = 0
  })
  expect(errors).toHaveLength(5_000)
  expect(Math.max(maxReports, reports)).toBeLessThan(FIELDS_PER_TURN / 2)
})

it('an operation above the maximum of fields completes no further objects, and has an error with an empty path', async () => {
  let names = 0
  const limits = { errors: { max: 0, appliesTo: () => false }, maxFields: 5_000 }
  const schema = toSlicedSchema(
    rowSchema(() => names++),
    neverCancelled,
    limits,
  )
  const document = parse('{ rows(count: 100) { rows(count: 100) { name rows(count: 100) { name } } } }')
  const args = { schema, document, contextValue: {} }
  const { errors = [] } = (await normalizedExecutor({ ...args, rootValue: { event: 1 } })) as ExecutionResult
  expect(names).toBeGreaterThan(1_000)
  expect(names).toBeLessThan(5_000)
  const tooLarge = errors.filter(({ extensions }) => extensions.code === 'RESPONSE_TOO_LARGE')
  expect(tooLarge[0]?.path).toEqual([])
  expect(new Set(tooLarge).size).toBe(1)
  const next = { ...args, document: parse('{ rows(count: 5) { name } }'), rootValue: { event: 2 } }
  expect(await normalizedExecutor(next)).not.toHaveProperty('errors')
})
