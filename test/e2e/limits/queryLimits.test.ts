import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({
    env: {
      MAX_QUERY_DEPTH: '4',
      MAX_QUERY_COST: '1000',
    },
    config: { queries: { maxAliases: 3, maxDefers: 3, maxTokens: 60, maxReferences: 4 } },
  })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const startCustom = async (env: Record<string, string>, config: ConfigOverrides = {}): Promise<TestGateway> => {
  const custom = await startGateway({ env, config })
  onTestFinished(() => custom.close())
  return custom
}

interface TestRequest {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly extensions?: Record<string, unknown>
}

type Transport = (
  target: TestGateway,
  params: TestRequest,
  as?: string | null,
) => Promise<GraphQLAnswer & { extensions?: unknown }>

const byHttp: Transport = async ({ url }, params, as = 'conf137') => {
  const headers = { 'content-type': 'application/json', ...(as !== null && { authorization: basic(as) }) }
  return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(params) })).json()) as GraphQLAnswer
}
const byWebSocket: Transport = (target, params, as) => queryByWebSocket(target, { ...params }, as)

const TRANSPORTS = [
  ['HTTP', byHttp],
  ['WebSocket', byWebSocket],
] as const

const id = nodeIdOf('Account', accountOf('conf137').sid)
const ids = (count: number) => ({ ids: Array.from({ length: count }, () => id) })
const REFERENCES_QUERY = `query ($ids: [ID!]!, $references: [_Any!]!) {
  nodes(ids: $ids) { id } _entities(representations: $references) { __typename }
}`
const references = (count: number) =>
  Array.from({ length: count }, () => ({ __typename: 'Account', sid: accountOf('conf137').sid }))
const queryWithTokens = (count: number) => `{ viewer { ${'sid '.repeat(count - 5)} } }`

const LIMITS = [
  {
    code: 'QUERY_TOO_DEEP',
    atLimit: { query: '{ conferences(first: 1) { nodes { account { sid } } } }' },
    aboveLimit: {
      query:
        '{ conferences(first: 1) { nodes { account { ...A } } } } fragment A on Account { conferences(first: 1) { totalCount } }',
    },
    message: 'The query is 5 fields deep, more than the maximum of 4 (MAX_QUERY_DEPTH).',
  },
  {
    code: 'TOO_MANY_ALIASES',
    atLimit: { query: '{ a: viewer { b: sid c: sid d: sid } e: viewer { sid } }' },
    aboveLimit: { query: '{ a: viewer { ...B ...B } } fragment B on Account { b: sid c: friendlyName }' },
    message: 'The query has 4 aliases, more than the maximum of 3.',
  },
  {
    code: 'TOO_MANY_DEFERS',
    atLimit: { query: '{ viewer { ...A @defer(if: false) ...A @defer(if: false) } } fragment A on Account { sid }' },
    aboveLimit: { query: '{ ...A @defer ...A @defer } fragment A on Query { viewer { ... @defer { sid } } }' },
    message: 'The query has 4 parts with `@defer` or `@stream`, more than the maximum of 3.',
  },
  {
    code: 'TOO_MANY_TOKENS',
    atLimit: { query: queryWithTokens(60) },
    aboveLimit: { query: queryWithTokens(61) },
    message: 'The query has more than the maximum of 60 tokens: split the query, or pass long lists as variables.',
  },
  {
    code: 'QUERY_TOO_COSTLY',
    atLimit: { query: 'query ($n: Int) { conferences(first: $n) { nodes { sid } } }', variables: { n: 131 } },
    aboveLimit: { query: 'query ($n: Int) { conferences(first: $n) { nodes { sid } } }', variables: { n: 132 } },
    message:
      'The query cost is 1001, more than the maximum of 1000 (MAX_QUERY_COST). The largest share is 528 for rows of ' +
      'Restcomm: request smaller pages, or sort fewer lists.',
  },
  {
    code: 'TOO_MANY_IDS',
    atLimit: { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: ids(4) },
    aboveLimit: { query: 'query ($ids: [ID!]!) { viewer { sid } nodes(ids: $ids) { id } }', variables: ids(5) },
    message: 'The query references 5 objects by id or key, more than the maximum of 4.',
  },
]

describe.each(TRANSPORTS)('query limits over %s', (transport, send) => {
  it.each(LIMITS)(
    `a query at the limit is accepted over ${transport}, and the next larger query is $code before any upstream request`,
    async limit => {
      const accepted = await send(gateway, limit.atLimit)
      expect(accepted.errors).toBeUndefined()
      expect(accepted.data).toBeTruthy()
      expect(gateway.takeUpstreamRequests().length).toBeGreaterThan(0)

      // Twice: the second result comes from the validation cache.
      for (let i = 0; i < 2; i++) {
        const { data, errors } = await send(gateway, limit.aboveLimit)
        expect(data).toBeUndefined()
        expect(errors).toEqual([
          expect.objectContaining({
            message: limit.message,
            extensions: expect.objectContaining({ code: limit.code, requestId: expect.any(String) }),
          }),
        ])
      }
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it(`a query with too many references in total is TOO_MANY_IDS over ${transport}`, async () => {
    const custom = await startCustom({}, { queries: { maxReferences: 6 } })
    const sendReferences = (first: number, second: number) =>
      send(custom, { query: REFERENCES_QUERY, variables: { ...ids(first), references: references(second) } })
    expect((await sendReferences(4, 2)).errors).toBeUndefined()
    custom.takeUpstreamRequests()
    expect((await sendReferences(3, 4)).errors).toMatchObject([
      {
        message: 'The query references 7 objects by id or key, more than the maximum of 6.',
        extensions: { code: 'TOO_MANY_IDS' },
      },
    ])
    expect(custom.takeUpstreamRequests()).toEqual([])
  })

  it(`the cost of mutations and subscriptions is limited over ${transport}`, async () => {
    const selection = 'conference { participants(first: 250) { totalCount } }'
    for (const query of [
      `mutation { muteConference(input: { conferenceId: "x" }) { ${selection} } }`,
      `subscription { conferenceEvents(conferenceId: "x") { ... on ConferenceSnapshot { ${selection} } } }`,
    ]) {
      const { errors } = await send(gateway, { query })
      expect(errors).toMatchObject([
        { extensions: { code: 'QUERY_TOO_COSTLY', cost: expect.any(Number), limit: 1_000 } },
      ])
    }
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it(`references of a router count toward the query cost over ${transport}`, async () => {
    const custom = await startCustom({}, { queries: { maxCost: 1 + 20 * 152 } })
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }'
    const of = (count: number) => Array.from({ length: count }, () => ({ __typename: 'Account', id }))
    expect((await send(custom, { query, variables: { of: of(20) } })).errors).toBeUndefined()
    expect((await send(custom, { query, variables: { of: of(21) } })).errors).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COSTLY', cost: 1 + 21 * 152 } },
    ])
  })

  it(`an alias of more than 255 characters is BAD_USER_INPUT over ${transport}, because each error contains the alias`, async () => {
    const custom = await startCustom({})
    const query = (length: number) => `query ($ids: [ID!]!) { ${'a'.repeat(length)}: nodes(ids: $ids) { id } }`
    const variables = { ids: Array.from({ length: 1_000 }, () => 'nonsense') }
    const rejected = await send(custom, { query: query(900_000), variables })
    expect(rejected.data).toBeUndefined()
    expect(rejected.errors).toMatchObject([
      {
        message: expect.stringMatching(/^The alias "a{255}… has 900000 characters: expected at most 255\.$/),
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
    const accepted = await send(custom, { query: query(255), variables })
    expect(accepted.data['a'.repeat(255)]).toHaveLength(1_000)
    expect(accepted.errors).toHaveLength(1_000)
  })

  it(`exponentially growing fragments are rejected over ${transport} without an exponential walk`, async () => {
    const custom = await startCustom({})
    const levels = Array.from({ length: 100 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
    const query = `{ ...F0 } ${levels.join(' ')} fragment F100 on Query { conferences(first: 1) { totalCount } }`
    expect((await send(custom, { query })).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COSTLY' } }])
    expect(custom.takeUpstreamRequests()).toEqual([])
  })

  it(`exponentially growing deferred fragments are rejected over ${transport}`, async () => {
    const custom = await startCustom({})
    const levels = Array.from({ length: 18 }, (_, i) => {
      return `fragment F${i} on Query { ...F${i + 1} @defer ...F${i + 1} @defer }`
    })
    const query = `{ ...F0 } ${levels.join(' ')} fragment F18 on Query { __typename }`
    expect((await send(custom, { query })).errors).toMatchObject([{ extensions: { code: 'TOO_MANY_DEFERS' } }])
  })

  it(`the query cost is reported over ${transport} only if requested`, async () => {
    const query = '{ conferences(first: 3) { nodes { participants(first: 2) { totalCount } } } }'
    const { data, extensions } = await send(gateway, { query, extensions: { cost: true } })
    expect(data.conferences.nodes).toHaveLength(3)
    expect(extensions).toEqual({ cost: { requested: 11 + 4 * 9 + 75 * 7, limit: 1_000 } })
    expect(await send(gateway, { query })).not.toHaveProperty('extensions')
  })

  it(`the query cost per window is limited over ${transport} for each client separately`, async () => {
    const custom = await startCustom({ RATE_LIMIT_COST: '1000', RATE_LIMIT_WINDOW_MS: '60000' })
    const query = 'query ($n: Int) { conferences(first: $n) { totalCount } }'
    const spend = (n: number, as?: string | null) =>
      send(custom, { query, variables: { n }, extensions: { cost: true } }, as)
    expect((await spend(100)).extensions).toEqual({
      cost: { requested: 552, limit: 250_000, remaining: 448, resetMs: expect.any(Number) },
    })
    custom.takeUpstreamRequests()
    const { data, errors } = await spend(75)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^The query cost is 452, .*RATE_LIMIT_COST.* Retry in \d+ s\.$/),
        extensions: { code: 'RATE_LIMITED' },
      },
    ])
    const { retryAfter } = (errors?.[0]?.extensions ?? {}) as { retryAfter?: number }
    expect(retryAfter).toBeGreaterThan(50)
    expect(retryAfter).toBeLessThanOrEqual(60)
    expect(custom.takeUpstreamRequests()).toEqual([])
    // The rejected query consumed nothing.
    expect((await spend(74)).extensions).toMatchObject({ cost: { remaining: 0 } })
    expect((await spend(1)).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    expect((await spend(10, 'part')).errors).toBeUndefined()
  })

  it(`a query above the cost of a whole window is QUERY_TOO_COSTLY over ${transport} instead of RATE_LIMITED`, async () => {
    const custom = await startCustom({ RATE_LIMIT_COST: '10' })
    const { errors } = await send(custom, { query: '{ conferences(first: 11) { totalCount } }' })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('RATE_LIMIT_COST'),
        extensions: { code: 'QUERY_TOO_COSTLY', cost: 2 + 4 * 11 + 75 * 2, limit: 10 },
      },
    ])
    expect(custom.takeUpstreamRequests()).toEqual([])
  })

  it(`all anonymous clients share one rate limit over ${transport}`, async () => {
    const custom = await startCustom({ RATE_LIMIT_COST: '2' })
    const codes = []
    for (let i = 0; i < 3; i++)
      codes.push((await send(custom, { query: '{ __typename }' }, null)).errors?.[0]?.extensions?.code)
    expect(codes).toEqual([undefined, undefined, 'RATE_LIMITED'])
    expect((await send(custom, { query: '{ __typename }' })).errors).toBeUndefined()
  })

  it(`the rate limit over ${transport} is reset at the end of the window`, async () => {
    const custom = await startCustom({ RATE_LIMIT_COST: '1', RATE_LIMIT_WINDOW_MS: '60000' })
    const code = async () => (await send(custom, { query: '{ __typename }' })).errors?.[0]?.extensions?.code
    expect(await code()).toBeUndefined()
    expect(await code()).toBe('RATE_LIMITED')
    const endMs = performance.now() + 60_000
    const clock = vi.spyOn(performance, 'now').mockReturnValue(endMs)
    onTestFinished(() => clock.mockRestore())
    // lru-cache reads the clock again after a timeout of 1 ms.
    await expect.poll(code, { interval: 1 }).toBeUndefined()
  })

  it(`introspection over ${transport} is allowed or rejected as configured`, async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      oneOf: true,
    })
    const enabled = await startCustom({ MAX_QUERY_DEPTH: '1' })
    expect((await send(enabled, { query })).data.__schema.queryType.name).toBe('Query')
    const disabled = await startCustom({ INTROSPECTION: 'false' })
    for (const introspectionQuery of [query, '{ ...A } fragment A on Query { x: __type(name: "Query") { name } }']) {
      expect((await send(disabled, { query: introspectionQuery })).errors).toMatchObject([
        { message: expect.stringContaining('INTROSPECTION'), extensions: { code: 'INTROSPECTION_DISABLED' } },
      ])
    }
    const { data } = await send(disabled, { query: '{ __typename _service { sdl } }' })
    expect(data).toEqual({ __typename: 'Query', _service: { sdl: expect.stringContaining('type Query') } })
  })

  it(`nested lists in introspection over ${transport} are rejected, because the response would grow exponentially`, async () => {
    const query = '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'
    expect((await send(gateway, { query })).errors).toMatchObject([
      { message: 'Maximum introspection depth exceeded', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ])
  })

  it(`name suggestions in errors over ${transport} are present or missing as configured`, async () => {
    const invalidRequests = [
      { query: '{ viewer { friendlyNam } }', named: '"friendlyNam"' },
      { query: '{ conferences(filter: { statu: COMPLETED }) { totalCount } }', named: '"statu"' },
      { query: '{ conferences(filter: { status: COMPLETE }) { totalCount } }', named: '"COMPLETE"' },
      {
        query: 'query ($f: ConferenceFilter) { conferences(filter: $f) { totalCount } }',
        variables: { f: { status: 'COMPLETE' } },
        named: '"COMPLETE"',
      },
    ]
    const enabled = await startCustom({})
    const disabled = await startCustom({}, { queries: { suggestions: false } })
    for (const { named, ...params } of invalidRequests) {
      const [error] = (await send(disabled, params)).errors ?? []
      expect(error?.message).toContain(named)
      expect(error?.message).not.toMatch(/Did you mean|friendlyName|"status"|COMPLETED/)
      expect((await send(enabled, params)).errors?.[0]?.message).toContain('Did you mean')
    }
  })
})

describe('query limits over HTTP', () => {
  const post = (target: TestGateway, body: unknown, headers: Record<string, string> = {}) =>
    fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf137'), ...headers },
      body: JSON.stringify(body),
    })

  it.each(LIMITS)('$code has status 400 for clients of application/graphql-response+json', async ({ aboveLimit }) => {
    expect((await post(gateway, aboveLimit, { accept: 'application/graphql-response+json' })).status).toBe(400)
  })

  it('a document merged from 500 look-ups passes the limits, because its cost is small', async () => {
    const merged = await startGateway()
    onTestFinished(() => merged.close())
    const { sid } = accountOf('part')
    const aliases = Array.from({ length: 500 }, (_, i) => `_${i}`)
    const variables = Object.fromEntries(aliases.map(alias => [`sid${alias}`, sid]))
    const query = `query (${aliases.map(alias => `$sid${alias}: AccountSid!`).join(' ')}) {
      ${aliases.map(alias => `${alias}: account(sid: $sid${alias}) { sid friendlyName status type }`).join(' ')} }`
    const { data, errors } = await merged.query(query, { as: 'part', variables })
    expect(errors).toBeUndefined()
    expect(aliases.map(alias => data[alias].sid)).toEqual(Array(500).fill(sid))
  })

  it('RATE_LIMITED has status 429 and a retry-after header', async () => {
    const custom = await startCustom({ RATE_LIMIT_COST: '1' })
    await post(custom, { query: '{ __typename }' })
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await post(custom, { query: '{ __typename }' }, { accept })
      expect(response.status).toBe(429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
    }
  })

  it('the x-graphql-cost header requests the cost', async () => {
    const response = await post(gateway, { query: '{ viewer { sid } }' }, { 'x-graphql-cost': 'true' })
    expect(await response.json()).toMatchObject({ extensions: { cost: { requested: 78, limit: 1_000 } } })
  })

  it('incremental delivery reports the cost in the first part only', async () => {
    const query = '{ viewer { sid ... @defer { friendlyName } } }'
    const response = await post(gateway, { query, extensions: { cost: true } }, { accept: 'multipart/mixed' })
    expect((await response.text()).match(/"cost":/g)).toHaveLength(1)
  })

  it('batched queries are rejected with 400 over HTTP', async () => {
    const response = await post(gateway, [{ query: '{ viewer { sid } }' }])
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ message: 'Batching is not supported.' }] },
    ])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('HTTP responses reveal neither the server software nor source locations', async () => {
    for (const body of [{ query: '{' }, { query: '{ nothing }' }, { query: '{ viewer { sid } }' }, 5, {}]) {
      const response = await post(gateway, body)
      expect(response.headers.get('x-powered-by')).toBeNull()
      expect(response.headers.get('server')).toBeNull()
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await response.text()).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(/)
    }
  })
})

it('a query that overflows the stack of the parser is rejected with QUERY_TOO_DEEP', async () => {
  const custom = await startGateway({ config: { queries: { maxTokens: 1_000_000 } } })
  const { errors } = await custom.query(`${'{ a '.repeat(20_000)}${'}'.repeat(20_000)}`)
  await custom.close()
  expect(errors).toMatchObject([
    {
      message: 'The query is nested too deeply to parse: expected at most 15 levels of fields (MAX_QUERY_DEPTH).',
      extensions: { code: 'QUERY_TOO_DEEP' },
    },
  ])
})
