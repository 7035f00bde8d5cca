import { setImmediate } from 'node:timers/promises'
import { normalizedExecutor } from '@graphql-tools/executor'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { semanticToStrict } from 'graphql-sock'
import { createSchema as createGraphQLSchema, createYoga } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../../../src/context.ts'
import { toClientError } from '../../../../src/errorMapping.ts'
import { LazyResolveInfo } from '../../../../src/graphql/execution/execution.ts'
import { usePlannedExecution } from '../../../../src/graphql/execution/usePlannedExecution.ts'
import { createSchema } from '../../../../src/graphql/schema.ts'
import { Loaders } from '../../../../src/loaders/loaders.ts'
import { Prng } from '../../../support/prng.ts'
import { findConditionVariables } from './findConditionVariables.ts'
import { ACCOUNTS, CONFERENCES, MemoryRestcomm } from './memoryRestcomm.ts'
import { randomQuery } from './randomQueries.ts'

type Execute = (args: ExecutionArgs) => unknown

/** Returns the execute function that the plugin sets on top of `executor`. */
function withPlannedExecution(executor: Execute): Execute {
  let execute = executor
  const setExecuteFn = (wrapped: Execute) => {
    execute = wrapped
  }
  usePlannedExecution(findConditionVariables).onExecute?.({ executeFn: executor, setExecuteFn } as never)
  return execute
}

interface TestRequest {
  readonly schema: GraphQLSchema
  readonly document: ExecutionArgs['document']
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly operationName?: string | undefined
}

interface UpstreamOptions {
  readonly seed: number
  readonly failOneIn: number
}

const CLIENT_OPTIONS = { requestId: 'x', hasData: false, suggestions: true, defaultCode: 'BAD_USER_INPUT' } as const

/** Returns the response, the logged properties of errors, and the upstream requests as text. */
const observe = async (
  execute: Execute,
  { schema, document, variables, operationName }: TestRequest,
  upstream: UpstreamOptions,
) => {
  const client = new MemoryRestcomm(upstream.seed, upstream.failOneIn)
  const limits = { defaultPageSize: 3, maxPageSize: 100, maxSortedRows: 8, maxQuerySortedRows: 20 }
  const contextValue = {
    loaders: new Loaders(client, limits),
    resolveViewerSid: async () => ACCOUNTS[0],
    assertAccountAllowed: () => undefined,
  } satisfies Partial<Context>
  const result = (await execute({
    schema,
    document,
    contextValue,
    ...(variables && { variableValues: variables }),
    ...(operationName !== undefined && { operationName }),
  })) as ExecutionResult
  const errors = result.errors?.map(error => {
    const publicError = toClientError(error, CLIENT_OPTIONS)
    return {
      publicError,
      keys: Object.keys(error),
      cause: String(error.originalError),
      own: error instanceof GraphQLError,
    }
  })
  const response = JSON.stringify([Object.keys(result), result.data, errors])
  // Requests of abandoned fields continue, but `MemoryRestcomm` delays responses by microtasks only.
  await setImmediate()
  return `${response} ${JSON.stringify(client.requests)}`
}

/** In the second schema, errors propagate: fields with `@semanticNonNull` are non-null. */
const schemas = [createSchema(), semanticToStrict(createSchema())] as const

/** Compares the executor with planned execution: without a cached plan, then with the cached plan. */
const compare = async (
  request: TestRequest,
  upstream: UpstreamOptions,
): Promise<{ text: string; wasPlanned: boolean }> => {
  let wasPlanned = true
  const execute = withPlannedExecution(args => {
    wasPlanned = false
    return normalizedExecutor(args)
  })
  const text = await observe(normalizedExecutor, request, upstream)
  expect(await observe(execute, request, upstream)).toBe(text)
  expect(await observe(execute, request, upstream)).toBe(text)
  return { text, wasPlanned }
}

describe('planned execution and the executor return the same result', () => {
  it('planned execution returns the result of the executor for random queries, with and without upstream failures and error propagation', async () => {
    const counts = { planned: 0, failed: 0, nulled: 0, unplanned: 0, long: 0 }
    const prng = new Prng(Number(process.env.FUZZ_SEED ?? 1))
    for (let number = 0; number < 800; number++) {
      const [strictSchema] = schemas
      const { text, variables } = randomQuery(strictSchema, prng)
      // Most longer queries are invalid, and their validation takes more time than all comparisons.
      if (text.length > 2_000) continue
      const document = parse(text)
      if (validate(strictSchema, document).length > 0) continue
      const schema = schemas[number % 4 === 0 ? 1 : 0]
      const upstream = { seed: number, failOneIn: prng.pick([0, 3, 9]) }
      const result = await compare({ schema, document, variables }, upstream).catch(error => {
        throw new Error(`${text}\n${JSON.stringify(variables)}`, { cause: error })
      })
      if (result.wasPlanned) counts.planned++
      else counts.unplanned++
      if (result.text.includes('"publicError"')) counts.failed++
      if (result.text.includes('["errors","data"],null')) counts.nulled++
      if (result.text.length > 1_500) counts.long++
    }
    // Guards against a generator that produces only trivial queries.
    expect(counts.planned).toBeGreaterThan(250)
    expect(counts.failed).toBeGreaterThan(90)
    expect(counts.nulled).toBeGreaterThan(5)
    expect(counts.unplanned).toBeGreaterThan(5)
    expect(counts.long).toBeGreaterThan(50)
  }, 120_000)

  it.each([
    [
      'response keys that exist on Object.prototype',
      '{ __proto__: viewer { sid } viewer { constructor: sid __proto__: id toString: status } }',
    ],
    [
      'paths with equal concatenated names',
      '{ a_b: viewer { c: conferences { nodes { id } } } a: viewer { b_c: conferences { nodes { sid } } } }',
    ],
    [
      'field order with a skipped first occurrence',
      'query ($no: Boolean = true) { viewer { sid @skip(if: $no) id sid } }',
    ],
    [
      'an account with an additional conditional selection',
      'query ($no: Boolean = false) { conferences { nodes { account { sid } account @include(if: $no) { friendlyName } } } }',
    ],
    [
      '_entities references, valid and invalid',
      '{ _entities(representations: [{ __typename: "Account", sid: "x" }, { __typename: "Nothing" }]) { __typename } }',
    ],
    [
      'missing variables with and without defaults',
      'query ($a: Int, $b: ConferenceStatus, $c: Int = 2) { viewer { conferences(first: $a, filter: { status: $b }) { totalCount } x: conferences(last: $c) { pageInfo { endCursor } } } }',
    ],
    ['a field whose value is an Error', `{ conference(sid: "${CONFERENCES[6]}") { sid apiVersion } }`],
    ['values that are not serializable', `{ conference(sid: "${CONFERENCES[4]}") { sid status } }`],
    [
      'a @skip condition that is null',
      'query ($c: Boolean = true) { viewer { sid conferences { nodes { id @skip(if: $c) } } } }',
      { c: null },
    ],
  ])(
    'planned execution returns the result of the executor for %s',
    async (_title, text, variables?: Record<string, unknown>) => {
      for (const schema of schemas) {
        const { wasPlanned } = await compare({ schema, document: parse(text), variables }, { seed: 1, failOneIn: 0 })
        expect(wasPlanned).toBe(true)
      }
    },
  )
})

it('planned execution evaluates @include with the variables of each request', async () => {
  const document = parse(
    'query ($all: Boolean!) { viewer { sid ...F @include(if: $all) } } fragment F on Account { id status }',
  )
  for (const all of [true, false, true]) {
    const { text } = await compare({ schema: schemas[0], document, variables: { all } }, { seed: 1, failOneIn: 0 })
    expect(text.includes('"status"')).toBe(all)
  }
})

describe('planned execution reports the same errors as the executor', () => {
  const schema = createGraphQLSchema({
    typeDefs: 'type Query { gone: Int! thrown: Int! late(turns: Int!): Int several: Int list: [Int!] }',
    resolvers: {
      Query: {
        gone: () => Promise.reject(new Error('gone')),
        thrown: () => {
          throw new Error('thrown')
        },
        late: async (_root, { turns }) => {
          for (let turn = 0; turn < turns; turn++) await null
          throw new Error('late')
        },
        several: () => {
          throw new AggregateError([new Error('one'), new Error('two')])
        },
        list: () => [1, Promise.reject(new Error('failed')), 2],
      },
    },
  })
  const late = Array.from({ length: 20 }, (_, turns) => `l${turns}: late(turns: ${turns})`).join(' ')

  it.each([
    ['rejections after the response is already null', `{ gone ${late} }`, 2],
    ['a thrown error and rejections of earlier fields', `{ ${late} thrown }`, 2],
    ['an AggregateError of a field', '{ several }', 2],
    ['a rejected item of a list', '{ list }', 1],
  ])('planned execution reports the errors of the executor for %s', async (_title, text, minErrors) => {
    const given = { schema, document: parse(text) }
    const execute = withPlannedExecution(() => 'delegated')
    const [expected, actual] = [normalizedExecutor(given), execute(given)].map(async result => {
      const { errors = [], data } = (await result) as ExecutionResult
      return { data: JSON.stringify(data), errors: errors.map(error => JSON.stringify(error)) }
    })
    expect((await expected)?.errors.length).toBeGreaterThanOrEqual(minErrors)
    expect(await actual).toEqual(await expected)
  })
})

describe('planned execution delegates to the executor', () => {
  it.each([
    ['a mutation', 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }'],
    ['introspection', '{ viewer { sid } ...F } fragment F on Query { __type(name: "Node") { name } }'],
    ['a query with @defer', '{ viewer { sid ... @defer(if: false) { id } } }'],
    ['an invalid variable', 'query ($n: Int) { conferences(first: $n) { totalCount } }', { n: 'one' }],
    ['a missing required variable', 'query ($n: Int!) { conferences(first: $n) { totalCount } }'],
  ])('planned execution delegates %s to the executor', async (_title, text, variables?: Record<string, unknown>) => {
    const request = { schema: schemas[0], document: parse(text), variables }
    expect(await compare(request, { seed: 1, failOneIn: 0 })).toMatchObject({ wasPlanned: false })
  })

  it('planned execution delegates an unknown operation name, and several operations without a name, to the executor', async () => {
    const document = parse('query A { viewer { sid } } query B { viewer { id } }')
    for (const operationName of ['C', undefined]) {
      const execute = withPlannedExecution(() => 'delegated')
      expect(execute({ schema: schemas[0], document, ...(operationName && { operationName }) })).toBe('delegated')
    }
  })
})

it('planned execution runs within Yoga', async () => {
  const infos: unknown[] = []
  const schema = createGraphQLSchema({
    typeDefs: 'type Query { it: String }',
    resolvers: { Query: { it: (_root, _args, _context, info) => infos.push(info) } },
  })
  const yoga = createYoga({ schema, plugins: [usePlannedExecution(findConditionVariables)], logging: false })
  const body = JSON.stringify({ query: '{ it }' })
  await yoga.fetch('http://gateway/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(infos).toEqual([expect.any(LazyResolveInfo)])
})

it('planned execution leaves no unhandled rejection when a list fails and a pending item rejects later', async () => {
  const rejections: unknown[] = []
  const keep = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', keep)
  try {
    const schema = createGraphQLSchema({ typeDefs: 'type Query { items: [Item!] } type Item { name: String! }' })
    const { promise: later, reject } = Promise.withResolvers<string>()
    const immediately = () => {
      throw new Error('immediate')
    }
    const execute = withPlannedExecution(() => {
      throw new Error('Expected a plan.')
    })
    const rootValue = { items: [{ name: () => later }, { name: immediately }] }
    const { data, errors } = (await execute({
      schema,
      document: parse('{ items { name } }'),
      rootValue,
      contextValue: {},
    })) as ExecutionResult
    expect([data, errors?.map(({ message }) => message)]).toEqual([{ items: null }, ['immediate']])
    reject(new Error('later'))
    // Node reports unhandled rejections after the microtasks, so before `setImmediate`.
    await setImmediate()
    expect(rejections).toEqual([])
  } finally {
    process.off('unhandledRejection', keep)
  }
})
