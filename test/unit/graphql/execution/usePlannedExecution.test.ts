import { setTimeout } from 'node:timers/promises'
import { normalizedExecutor } from '@graphql-tools/executor'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { createSchema as createGraphQLSchema, createYoga } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../../../src/context.ts'
import { toGraphQLError } from '../../../../src/errorCodes.ts'
import { Loaders } from '../../../../src/loaders/loaders.ts'
import { createNullableSchema, createSchema } from '../../../../src/graphql/schema.ts'
import { FieldInfo } from '../../../../src/graphql/execution/resolveInfo.ts'
import { plannedQueries } from '../../../../src/graphql/execution/usePlannedExecution.ts'
import { UNTRACED } from '../../../../src/tracer.ts'
import { Dice } from '../../../support/prng.ts'
import { ACCOUNTS, MemoryRestcomm } from './memoryRestcomm.ts'
import { randomQuery } from './randomQueries.ts'

type Execute = (args: ExecutionArgs) => unknown

/** What Yoga would call with the plugin, where its own executor is this. */
const planned = (own: Execute): Execute => {
  let execute = own
  const setExecuteFn = (wrapped: Execute) => {
    execute = wrapped
  }
  plannedQueries().onExecute?.({ executeFn: own, setExecuteFn } as never)
  return execute
}

interface Asked {
  readonly schema: GraphQLSchema
  readonly document: ExecutionArgs['document']
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly operationName?: string | undefined
}

interface Upstream {
  readonly seed: number
  readonly failing: number
}

/** All that a client sees, what the log sees of errors, and what Restcomm was asked, in this order. */
const told = async (execute: Execute, { schema, document, variables, operationName }: Asked, upstream: Upstream) => {
  const client = new MemoryRestcomm(upstream.seed, upstream.failing)
  const limits = { defaultSize: 3, maximumSize: 100, maximumSortedRows: 8, maximumQuerySortedRows: 20 }
  const contextValue = {
    loaders: new Loaders(client, limits, () => undefined, UNTRACED),
    viewerSid: async () => ACCOUNTS[0],
    checkAccount: () => undefined,
  } satisfies Partial<Context>
  const result = (await execute({
    schema,
    document,
    contextValue,
    ...(variables && { variableValues: variables }),
    ...(operationName !== undefined && { operationName }),
  })) as ExecutionResult
  const errors = result.errors?.map(error => {
    const shown = toGraphQLError(error)
    return { shown, keys: Object.keys(error), cause: String(error.originalError), own: error instanceof GraphQLError }
  })
  const answer = JSON.stringify([Object.keys(result), result.data, errors])
  // What nobody waits for any more goes on.
  await setTimeout(0)
  return `${answer} ${JSON.stringify(client.asked)}`
}

const schemas = [createSchema(), createNullableSchema()] as const

/** Runs it by both, twice: the plan is made by the first and found by the second. */
const compare = async (asked: Asked, upstream: Upstream): Promise<{ text: string; wasPlanned: boolean }> => {
  let wasPlanned = true
  const execute = planned(args => {
    wasPlanned = false
    return normalizedExecutor(args)
  })
  const text = await told(normalizedExecutor, asked, upstream)
  expect(await told(execute, asked, upstream)).toBe(text)
  expect(await told(execute, asked, upstream)).toBe(text)
  return { text, wasPlanned }
}

describe('a planned query answers as the executor does', () => {
  it('for hundreds of made-up queries, with and without failures, in either behaviour of errors', async () => {
    const seen = { planned: 0, failed: 0, nulled: 0, left: 0, long: 0 }
    const dice = new Dice(Number(process.env.FUZZ_SEED ?? 1))
    for (let number = 0; number < 1_200; number++) {
      const [contract] = schemas
      const { text, variables } = randomQuery(contract, dice)
      const document = parse(text)
      if (validate(contract, document).length > 0) continue
      const schema = schemas[number % 4 === 0 ? 1 : 0]
      const upstream = { seed: number, failing: dice.pick([0, 3, 9]) }
      const result = await compare({ schema, document, variables }, upstream).catch(error => {
        throw new Error(`${text}\n${JSON.stringify(variables)}`, { cause: error })
      })
      if (result.wasPlanned) seen.planned++
      else seen.left++
      if (result.text.includes('"shown"')) seen.failed++
      if (result.text.includes('["errors","data"],null')) seen.nulled++
      if (result.text.length > 1_500) seen.long++
    }
    // So that it is known to compare something.
    expect(seen.planned).toBeGreaterThan(300)
    expect(seen.failed).toBeGreaterThan(100)
    expect(seen.nulled).toBeGreaterThan(25)
    expect(seen.left).toBeGreaterThan(5)
    expect(seen.long).toBeGreaterThan(50)
  }, 120_000)

  it.each([
    [
      'keys that plain objects have',
      '{ __proto__: viewer { sid } viewer { constructor: sid __proto__: id toString: status } }',
    ],
    [
      'paths that only differ in where a name ends',
      '{ a_b: viewer { c: conferences { nodes { id } } } a: viewer { b_c: conferences { nodes { sid } } } }',
    ],
    ['the order of the first that is left in', 'query ($no: Boolean = true) { viewer { sid @skip(if: $no) id sid } }'],
    [
      'an account that is asked for more where that is left in',
      'query ($no: Boolean = false) { conferences { nodes { account { sid } account @include(if: $no) { friendlyName } } } }',
    ],
    [
      'what each reference comes to',
      '{ _entities(representations: [{ __typename: "Account", sid: "x" }, { __typename: "Nothing" }]) { __typename } }',
    ],
    [
      'variables that are not given',
      'query ($a: Int, $b: ConferenceStatus, $c: Int = 2) { viewer { conferences(first: $a, filter: { status: $b }) { totalCount } x: conferences(last: $c) { pageInfo { endCursor } } } }',
    ],
    [
      'a condition without a value',
      'query ($c: Boolean = true) { viewer { sid conferences { nodes { id @skip(if: $c) } } } }',
      { c: null },
    ],
  ])('for %s', async (_what, text, variables?: Record<string, unknown>) => {
    for (const schema of schemas) {
      const { wasPlanned } = await compare({ schema, document: parse(text), variables }, { seed: 1, failing: 0 })
      expect(wasPlanned).toBe(true)
    }
  })
})

it('leaves out what the variables of each request say, whatever those before it said', async () => {
  const document = parse(
    'query ($all: Boolean!) { viewer { sid ...F @include(if: $all) } } fragment F on Account { id status }',
  )
  for (const all of [true, false, true]) {
    const { text } = await compare({ schema: schemas[0], document, variables: { all } }, { seed: 1, failing: 0 })
    expect(text.includes('"status"')).toBe(all)
  }
})

describe('errors are the same', () => {
  const schema = createGraphQLSchema({
    typeDefs: 'type Query { gone: Int! late(turns: Int!): Int several: Int list: [Int!] }',
    resolvers: {
      Query: {
        gone: () => Promise.reject(new Error('It is gone.')),
        late: async (_root, { turns }) => {
          for (let turn = 0; turn < turns; turn++) await null
          throw new Error('It is late.')
        },
        several: () => {
          throw new AggregateError([new Error('one'), new Error('two')])
        },
        list: () => [1, Promise.reject(new Error('It fails.')), 2],
      },
    },
  })
  const late = Array.from({ length: 20 }, (_, turns) => `l${turns}: late(turns: ${turns})`).join(' ')

  it.each([
    ['that come when all is lost', `{ gone ${late} }`, 2],
    ['of which a field has several', '{ several }', 2],
    ['in a list', '{ list }', 1],
  ])('%s', async (_what, text, atLeast) => {
    const given = { schema, document: parse(text) }
    const execute = planned(() => 'left')
    const [own, ours] = [normalizedExecutor(given), execute(given)].map(async result => {
      const { errors = [], data } = (await result) as ExecutionResult
      return { data: JSON.stringify(data), errors: errors.map(error => JSON.stringify(error)) }
    })
    expect((await own)?.errors.length).toBeGreaterThanOrEqual(atLeast)
    expect(await ours).toEqual(await own)
  })
})

describe('to the executor is left', () => {
  it.each([
    ['a mutation', 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }'],
    ['what asks for the schema', '{ viewer { sid } ...F } fragment F on Query { __type(name: "Node") { name } }'],
    ['what is deferred', '{ viewer { sid ... @defer(if: false) { id } } }'],
    ['a variable that is wrong', 'query ($n: Int) { conferences(first: $n) { totalCount } }', { n: 'one' }],
    ['a variable that is missing', 'query ($n: Int!) { conferences(first: $n) { totalCount } }'],
  ])('%s', async (_what, text, variables?: Record<string, unknown>) => {
    const asked = { schema: schemas[0], document: parse(text), variables }
    expect(await compare(asked, { seed: 1, failing: 0 })).toMatchObject({ wasPlanned: false })
  })

  it('a document without the operation that is asked for, and one of several without a name', async () => {
    const document = parse('query A { viewer { sid } } query B { viewer { id } }')
    for (const operationName of ['C', undefined]) {
      const execute = planned(() => 'left')
      expect(execute({ schema: schemas[0], document, ...(operationName && { operationName }) })).toBe('left')
    }
  })
})

it('is what Yoga runs, whatever it hands over', async () => {
  const infos: unknown[] = []
  const schema = createGraphQLSchema({
    typeDefs: 'type Query { it: String }',
    resolvers: { Query: { it: (_root, _args, _context, info) => infos.push(info) } },
  })
  const yoga = createYoga({ schema, plugins: [plannedQueries()], logging: false })
  const body = JSON.stringify({ query: '{ it }' })
  await yoga.fetch('http://gateway/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(infos).toEqual([expect.any(FieldInfo)])
})

it('leaves no rejection to nobody where a list fails with one of its items at once and with another later', async () => {
  const rejections: unknown[] = []
  const keep = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', keep)
  try {
    const schema = createGraphQLSchema({ typeDefs: 'type Query { items: [Item!] } type Item { name: String! }' })
    const later = async () => {
      await setTimeout(5)
      throw new Error('later')
    }
    const atOnce = () => {
      throw new Error('at once')
    }
    const execute = planned(() => {
      throw new Error('It has a plan.')
    })
    const rootValue = { items: [{ name: later }, { name: atOnce }] }
    const { data, errors } = (await execute({
      schema,
      document: parse('{ items { name } }'),
      rootValue,
      contextValue: {},
    })) as ExecutionResult
    expect([data, errors?.map(({ message }) => message)]).toEqual([{ items: null }, ['at once']])
    await setTimeout(20)
    expect(rejections).toEqual([])
  } finally {
    process.off('unhandledRejection', keep)
  }
})
