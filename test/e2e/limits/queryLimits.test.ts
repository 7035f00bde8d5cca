import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Answer, accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { askByWebSocket } from '../../support/webSocket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({
    env: {
      MAX_QUERY_DEPTH: '4',
      MAX_QUERY_ALIASES: '3',
      MAX_QUERY_DEFERS: '3',
      MAX_QUERY_TOKENS: '60',
      MAX_QUERY_COST: '20',
      MAX_NODE_IDS: '4',
    },
  })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const started = async (env: Record<string, string>): Promise<TestGateway> => {
  const own = await startGateway({ env })
  onTestFinished(() => own.close())
  return own
}

interface Asked {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly extensions?: Record<string, unknown>
}

type Door = (of: TestGateway, asked: Asked, as?: string | null) => Promise<Answer & { extensions?: unknown }>

const byHttp: Door = async ({ url }, asked, as = 'conf137') => {
  const headers = { 'content-type': 'application/json', ...(as !== null && { authorization: basic(as) }) }
  return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(asked) })).json()) as Answer
}
const byWebSocket: Door = (of, asked, as) => askByWebSocket(of, { ...asked }, as)

const DOORS = [
  ['HTTP', byHttp],
  ['WebSocket', byWebSocket],
] as const

const id = idOf('Account', accountOf('conf137').sid)
const ids = (count: number) => ({ ids: Array.from({ length: count }, () => id) })
const NAMING = `query ($ids: [ID!]!, $references: [_Any!]!) {
  nodes(ids: $ids) { id } _entities(representations: $references) { __typename }
}`
const references = (count: number) =>
  Array.from({ length: count }, () => ({ __typename: 'Account', sid: accountOf('conf137').sid }))
const tokens = (count: number) => `{ viewer { ${'sid '.repeat(count - 5)} } }`

const LIMITS = [
  {
    code: 'QUERY_TOO_DEEP',
    at: { query: '{ conferences(first: 1) { nodes { account { sid } } } }' },
    over: {
      query:
        '{ conferences(first: 1) { nodes { account { ...A } } } } fragment A on Account { conferences(first: 1) { totalCount } }',
    },
    message: 'The query is 5 fields deep, and may be 4 (MAX_QUERY_DEPTH).',
  },
  {
    code: 'TOO_MANY_ALIASES',
    at: { query: '{ a: viewer { b: sid c: sid } }' },
    over: { query: '{ a: viewer { ...B ...B } } fragment B on Account { b: sid c: friendlyName }' },
    message: 'The query has 5 aliases, and may have 3 (MAX_QUERY_ALIASES).',
  },
  {
    code: 'TOO_MANY_DEFERS',
    at: { query: '{ viewer { ...A @defer(if: false) ...A @defer(if: false) } } fragment A on Account { sid }' },
    over: { query: '{ ...A @defer ...A @defer } fragment A on Query { viewer { ... @defer { sid } } }' },
    message: 'The query has 4 parts with `@defer` or `@stream`, and may have 3 (MAX_QUERY_DEFERS).',
  },
  {
    code: 'TOO_MANY_TOKENS',
    at: { query: tokens(60) },
    over: { query: tokens(61) },
    message: 'The query has more than 60 tokens (MAX_QUERY_TOKENS).',
  },
  {
    code: 'QUERY_TOO_COSTLY',
    at: { query: 'query ($n: Int) { conferences(first: $n) { nodes { sid } } }', variables: { n: 20 } },
    over: { query: 'query ($n: Int) { conferences(first: $n) { nodes { sid } } }', variables: { n: 21 } },
    message:
      'The query would cost 21, and may cost 20 (MAX_QUERY_COST): ask for smaller pages, or for less in each of their nodes.',
  },
  {
    code: 'TOO_MANY_IDS',
    at: { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: ids(4) },
    over: { query: 'query ($ids: [ID!]!) { viewer { sid } nodes(ids: $ids) { id } }', variables: ids(5) },
    message: '`ids` takes at most 4 (MAX_NODE_IDS); there were 5.',
  },
]

describe.each(DOORS)('by %s', (_door, ask) => {
  it.each(LIMITS)('a query at the limit is answered; one over it is $code, and nothing is sent', async limit => {
    const right = await ask(gateway, limit.at)
    expect(right.errors).toBeUndefined()
    expect(right.data).toBeTruthy()
    expect(gateway.asked().length).toBeGreaterThan(0)

    // More than once, since what was decided is kept.
    for (let i = 0; i < 2; i++) {
      const { data, errors } = await ask(gateway, limit.over)
      expect(data).toBeUndefined()
      expect(errors).toEqual([
        expect.objectContaining({
          message: limit.message,
          extensions: expect.objectContaining({ code: limit.code, requestId: expect.any(String) }),
        }),
      ])
    }
    expect(gateway.asked()).toEqual([])
  })

  it('a query that names too many objects in all is TOO_MANY_IDS', async () => {
    const few = await started({ MAX_QUERY_REFERENCES: '6' })
    const named = (first: number, second: number) =>
      ask(few, { query: NAMING, variables: { ...ids(first), references: references(second) } })
    expect((await named(4, 2)).errors).toBeUndefined()
    few.asked()
    expect((await named(3, 4)).errors).toMatchObject([
      {
        message: 'The query names 7 objects, and may name 6 (MAX_QUERY_REFERENCES).',
        extensions: { code: 'TOO_MANY_IDS' },
      },
    ])
    expect(few.asked()).toEqual([])
  })

  it('mutations and subscriptions have a cost as well', async () => {
    const over = 'conference { participants(first: 21) { totalCount } }'
    for (const query of [
      `mutation { muteConference(input: { conferenceId: "x" }) { ${over} } }`,
      `subscription { conferenceEvents(conferenceId: "x") { ... on ConferenceSnapshot { ${over} } } }`,
    ]) {
      const limits = { ...(await ask(gateway, { query })) }
      expect(limits.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COSTLY', cost: 21, limit: 20 } }])
    }
    expect(gateway.asked()).toEqual([])
  })

  it('references of a router have a cost as well, and are no ids', async () => {
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }'
    const of = (count: number) => Array.from({ length: count }, () => ({ __typename: 'Account', id }))
    expect((await ask(gateway, { query, variables: { of: of(20) } })).errors).toBeUndefined()
    expect((await ask(gateway, { query, variables: { of: of(21) } })).errors).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COSTLY', cost: 21 } },
    ])
  })

  it('fragments that double with each level are refused in no time', async () => {
    const own = await started({})
    const levels = Array.from({ length: 100 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
    const query = `{ ...F0 } ${levels.join(' ')} fragment F100 on Query { conferences(first: 1) { totalCount } }`
    const start = performance.now()
    expect((await ask(own, { query })).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COSTLY' } }])
    expect(performance.now() - start).toBeLessThan(2_000)
    expect(own.asked()).toEqual([])
  })

  it('deferred fragments that double with each level are refused in no time', async () => {
    const own = await started({})
    const levels = Array.from({ length: 18 }, (_, i) => {
      return `fragment F${i} on Query { ...F${i + 1} @defer ...F${i + 1} @defer }`
    })
    const query = `{ ...F0 } ${levels.join(' ')} fragment F18 on Query { __typename }`
    const start = performance.now()
    expect((await ask(own, { query })).errors).toMatchObject([{ extensions: { code: 'TOO_MANY_DEFERS' } }])
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('what a query costs is told to whoever asks, and to nobody else', async () => {
    const query = '{ conferences(first: 3) { nodes { participants(first: 2) { totalCount } } } }'
    const { data, extensions } = await ask(gateway, { query, extensions: { cost: true } })
    expect(data.conferences.nodes).toHaveLength(3)
    expect(extensions).toEqual({ cost: { requested: 9, limit: 20 } })
    expect(await ask(gateway, { query })).not.toHaveProperty('extensions')
  })

  it('a rate bounds what the queries of one credential cost, and of no other', async () => {
    const own = await started({ RATE_LIMIT_COST: '10', RATE_LIMIT_WINDOW_MS: '60000' })
    const query = 'query ($n: Int) { conferences(first: $n) { totalCount } }'
    const spend = (n: number, as?: string | null) =>
      ask(own, { query, variables: { n }, extensions: { cost: true } }, as)
    expect((await spend(6)).extensions).toEqual({
      cost: { requested: 6, limit: 500_000, remaining: 4, resetMs: expect.any(Number) },
    })
    own.asked()
    const { data, errors } = await spend(5)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/RATE_LIMIT_COST.* Ask again in \d+ s\./),
        extensions: { code: 'RATE_LIMITED' },
      },
    ])
    const { retryAfter } = (errors?.[0]?.extensions ?? {}) as { retryAfter?: number }
    expect(retryAfter).toBeGreaterThan(50)
    expect(retryAfter).toBeLessThanOrEqual(60)
    expect(own.asked()).toEqual([])
    // What was refused has cost nothing.
    expect((await spend(4)).extensions).toMatchObject({ cost: { remaining: 0 } })
    expect((await spend(1)).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    expect((await spend(10, 'part')).errors).toBeUndefined()
  })

  it('a query that costs more than a window has is told that waiting is no use', async () => {
    const own = await started({ RATE_LIMIT_COST: '10' })
    const { errors } = await ask(own, { query: '{ conferences(first: 11) { totalCount } }' })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('RATE_LIMIT_COST'),
        extensions: { code: 'QUERY_TOO_COSTLY', cost: 11, limit: 10 },
      },
    ])
    expect(own.asked()).toEqual([])
  })

  it('whoever has no credentials shares one rate', async () => {
    const own = await started({ RATE_LIMIT_COST: '2' })
    const codes = []
    for (let i = 0; i < 3; i++)
      codes.push((await ask(own, { query: '{ __typename }' }, null)).errors?.[0]?.extensions?.code)
    expect(codes).toEqual([undefined, undefined, 'RATE_LIMITED'])
    expect((await ask(own, { query: '{ __typename }' })).errors).toBeUndefined()
  })

  it('a window ends', async () => {
    const own = await started({ RATE_LIMIT_COST: '1', RATE_LIMIT_WINDOW_MS: '1000' })
    const code = async () => (await ask(own, { query: '{ __typename }' })).errors?.[0]?.extensions?.code
    expect(await code()).toBeUndefined()
    expect(await code()).toBe('RATE_LIMITED')
    await expect.poll(code, { timeout: 5_000, interval: 200 }).toBeUndefined()
  })

  it('the schema can be asked for, or not', async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      oneOf: true,
    })
    const open = await started({})
    expect((await ask(open, { query })).data.__schema.queryType.name).toBe('Query')
    const closed = await started({ INTROSPECTION: 'false' })
    for (const asked of [query, '{ ...A } fragment A on Query { x: __type(name: "Query") { name } }']) {
      expect((await ask(closed, { query: asked })).errors).toMatchObject([
        { message: expect.stringContaining('INTROSPECTION'), extensions: { code: 'INTROSPECTION_DISABLED' } },
      ])
    }
    const { data } = await ask(closed, { query: '{ __typename _service { sdl } }' })
    expect(data).toEqual({ __typename: 'Query', _service: { sdl: expect.stringContaining('type Query') } })
  })

  it('names of the schema are suggested, or not', async () => {
    const wrong = [
      { query: '{ viewer { friendlyNam } }', named: '"friendlyNam"' },
      { query: '{ conferences(filter: { statu: COMPLETED }) { totalCount } }', named: '"statu"' },
      { query: '{ conferences(filter: { status: COMPLETE }) { totalCount } }', named: '"COMPLETE"' },
      {
        query: 'query ($f: ConferenceFilter) { conferences(filter: $f) { totalCount } }',
        variables: { f: { status: 'COMPLETE' } },
        named: '"COMPLETE"',
      },
    ]
    const open = await started({})
    const closed = await started({ SUGGESTIONS: 'false' })
    for (const { named, ...asked } of wrong) {
      const [error] = (await ask(closed, asked)).errors ?? []
      expect(error?.message).toContain(named)
      expect(error?.message).not.toMatch(/Did you mean|friendlyName|"status"|COMPLETED/)
      expect((await ask(open, asked)).errors?.[0]?.message).toContain('Did you mean')
    }
  })
})

describe('over HTTP', () => {
  const post = (of: TestGateway, body: unknown, headers: Record<string, string> = {}) =>
    fetch(of.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf137'), ...headers },
      body: JSON.stringify(body),
    })

  it.each(LIMITS)('$code is a 400 for clients that know GraphQL’s media type', async ({ over }) => {
    expect((await post(gateway, over, { accept: 'application/graphql-response+json' })).status).toBe(400)
  })

  it('RATE_LIMITED is a 429 with the wait', async () => {
    const own = await started({ RATE_LIMIT_COST: '1' })
    await post(own, { query: '{ __typename }' })
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await post(own, { query: '{ __typename }' }, { accept })
      expect(response.status).toBe(429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
    }
  })

  it('the cost can be asked for by a header', async () => {
    const response = await post(gateway, { query: '{ viewer { sid } }' }, { 'x-graphql-cost': 'true' })
    expect(await response.json()).toMatchObject({ extensions: { cost: { requested: 1, limit: 20 } } })
  })

  it('the cost is told with the first part of an answer that comes in parts', async () => {
    const query = '{ viewer { sid ... @defer { friendlyName } } }'
    const response = await post(gateway, { query, extensions: { cost: true } }, { accept: 'multipart/mixed' })
    expect((await response.text()).match(/"cost":/g)).toHaveLength(1)
  })

  it('several queries in one body are refused', async () => {
    const response = await post(gateway, [{ query: '{ viewer { sid } }' }])
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ message: 'Batching is not supported.' }] },
    ])
    expect(gateway.asked()).toEqual([])
  })

  it('nothing tells what the gateway is made of', async () => {
    for (const body of [{ query: '{' }, { query: '{ nothing }' }, { query: '{ viewer { sid } }' }, 5, {}]) {
      const response = await post(gateway, body)
      expect(response.headers.get('x-powered-by')).toBeNull()
      expect(response.headers.get('server')).toBeNull()
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await response.text()).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(/)
    }
  })
})

it('a query that is nested deeper than the parser can follow is too deep, and no mistake of the gateway', async () => {
  const wide = await startGateway({ env: { MAX_QUERY_TOKENS: '1000000' } })
  const { errors } = await wide.query(`${'{ a '.repeat(20_000)}${'}'.repeat(20_000)}`)
  await wide.close()
  expect(errors).toMatchObject([
    { message: 'The query may be 15 fields deep (MAX_QUERY_DEPTH).', extensions: { code: 'QUERY_TOO_DEEP' } },
  ])
})
