import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Interception } from '../../../src/sandbox/index.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdResponses } from '../../support/holdResponses.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(env: Record<string, string> = {}, restcomm: ConfigOverrides['restcomm'] = {}) {
  gateway = await startGateway({ env, config: { restcomm } })
}
const sid = conferenceOf('conf1/000')
const send = (query = `{ conference(sid: "${sid}") { sid } }`) => gateway.query(query, { as: 'conf1' })
const codes = (answer: Awaited<ReturnType<typeof send>>) =>
  answer.errors?.map(({ extensions }) => extensions?.code) ?? []
/** Intercepts the first upstream requests only. */
function failFirst(count: number, interception: Interception) {
  let remaining = count
  gateway.sandbox.intercept(() => (remaining-- > 0 ? interception : undefined))
}

describe('retries', () => {
  it.each([
    ['a reset connection', 'reset'],
    ['a 500', { status: 500 }],
    ['a 502', { status: 502 }],
    ['a 503', { status: 503 }],
    ['a 504', { status: 504 }],
    ['a truncated response', { status: 200, body: '{"sid": "CF"}', cut: 5 }],
  ] as const)('a GET request that fails with %s is retried at most twice', async (_title, interception) => {
    await start()
    failFirst(2, interception)
    const { data, errors } = await send()
    expect([errors, data.conference]).toEqual([undefined, { sid }])
    expect(gateway.takeUpstreamRequests()).toHaveLength(3)
    failFirst(9, interception)
    expect(codes(await send())).toEqual(['UPSTREAM_UNAVAILABLE'])
    // The retry budget of a new gateway allows one more retry. A reset of a reused connection takes no retry.
    expect(gateway.takeUpstreamRequests()).toHaveLength(interception === 'reset' ? 3 : 2)
  })

  it.each([
    ['a 400', { status: 400 }],
    ['a 403', { status: 403 }],
    ['a 404', { status: 404 }],
    ['an HTML page', { status: 200, body: '<html>' }],
  ] as const)('a GET request that fails with %s is not retried', async (_title, interception) => {
    await start()
    failFirst(1, interception)
    await send()
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
  })

  it('retries add at most 10 % to the load of a Restcomm server that fails every fourth request', async () => {
    await start()
    let count = 0
    gateway.sandbox.intercept(() => (++count % 4 === 0 ? { status: 503 } : undefined))
    for (let i = 0; i < 120; i++) await send(`{ conference(sid: "${sid}") { sid } }`)
    expect(gateway.takeUpstreamRequests().length - 120).toBeLessThanOrEqual(3 + 120 / 10)
  })

  it('a POST request is never retried', async () => {
    await start()
    const participants = '{ conferences(first: 1) { nodes { participants(first: 1) { nodes { id } } } } }'
    const { data } = await gateway.query(participants, { as: 'part' })
    const id = data.conferences.nodes[0]?.participants.nodes[0]?.id
    gateway.takeUpstreamRequests()
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? 'reset' : undefined))
    const mute = `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['UPSTREAM_UNAVAILABLE'])
    expect(gateway.takeUpstreamRequests().filter(request => request.startsWith('POST'))).toHaveLength(1)
  })
})

describe('the circuit breaker', () => {
  const sendViewerQuery = async (headers: Record<string, string> = {}) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf1'), ...headers },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    const { errors } = (await response.json()) as { errors?: { extensions: { retryAfter?: number; code: string } }[] }
    return { status: response.status, retryAfter: response.headers.get('retry-after'), error: errors?.[0]?.extensions }
  }

  /** Stops the clock of the circuit breaker. Returns a function that advances the clock. */
  const stopClock = () => {
    // A whole number, because sums of fractions are rounded.
    let now = Math.ceil(performance.now())
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    return (ms: number) => {
      now += ms
    }
  }
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('an open circuit breaker rejects requests with retryAfter, then lets a single trial request through', async () => {
    await start({}, { breakerOpenMs: 1_500 })
    const advanceClock = stopClock()
    gateway.sandbox.intercept(() => ({ status: 503 }))
    for (let i = 0; i < 12; i++) await send()
    gateway.takeUpstreamRequests()
    const accept = 'application/graphql-response+json'
    expect(await sendViewerQuery({ accept })).toEqual({
      status: 200,
      retryAfter: '2',
      error: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 2, requestId: expect.any(String) },
    })
    advanceClock(1_499)
    expect(codes(await send())).toEqual(['UPSTREAM_UNAVAILABLE'])
    expect(gateway.takeUpstreamRequests()).toEqual([])

    advanceClock(1)
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => gateway.query('{ viewer { sid } }', { as: `conf${i ? 1 : 50}` })),
    )
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
    gateway.sandbox.intercept(null)
    // The trial request has failed.
    expect(codes(await send())).toEqual(['UPSTREAM_UNAVAILABLE'])
    advanceClock(1_500)
    expect(codes(await send())).toEqual([])
    expect(codes(await send())).toEqual([])
  })

  it.each([429, 503])(
    'after a %i with Retry-After, the client sends no requests for this time, and other clients are not affected',
    async status => {
      await start()
      const advanceClock = stopClock()
      failFirst(1, { status, headers: { 'retry-after': '30' } })
      const rejected = (retryAfter: number) => ({
        status: 200,
        retryAfter: String(retryAfter),
        error: { code: 'UPSTREAM_UNAVAILABLE', retryAfter, requestId: expect.any(String) },
      })
      expect(await sendViewerQuery()).toEqual(rejected(30))
      advanceClock(10_000)
      expect(await sendViewerQuery()).toEqual(rejected(20))
      expect(gateway.takeUpstreamRequests()).toHaveLength(1)
      expect((await gateway.query('{ viewer { sid } }', { as: 'conf50' })).errors).toBeUndefined()
      advanceClock(20_000)
      expect((await sendViewerQuery()).error).toBeUndefined()
    },
  )

  it.each<[string, () => string, number | undefined]>([
    ['a date', () => new Date(Date.now() + 20_000).toUTCString(), 20],
    ['a date in the past', () => new Date(Date.now() - 20_000).toUTCString(), undefined],
    ['zero', () => '0', undefined],
    ['a negative number', () => '-5', undefined],
    ['any text', () => 'soon', undefined],
  ])('a Retry-After with %s is read according to RFC 9110', async (_label, value, seconds) => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 429, headers: { 'retry-after': value() } }))
    const { error } = await sendViewerQuery()
    if (seconds === undefined) expect(error).not.toHaveProperty('retryAfter')
    else expect([seconds - 1, seconds]).toContain(error?.retryAfter)
  })

  it('a Retry-After of a day stops the requests of a client for a minute only', async () => {
    await start()
    const advanceClock = stopClock()
    failFirst(1, { status: 503, headers: { 'retry-after': '86400' } })
    await sendViewerQuery()
    expect((await sendViewerQuery()).error?.retryAfter).toBe(60)
    advanceClock(60_000)
    expect((await sendViewerQuery()).error).toBeUndefined()
  })

  it('the circuit breaker opens after many parallel requests were answered with 500', async () => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 500 }))
    const queries = Array.from(
      { length: 20 },
      (_, i) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`,
    )
    await Promise.all(queries.map(send))
    gateway.takeUpstreamRequests()
    const { errors } = await send()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('the circuit breaker opens if Restcomm does not respond within REQUEST_TIMEOUT_MS', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400' }, { breakerOpenMs: 60_000 })
    holdResponses(gateway)
    const queries = Array.from(
      { length: 15 },
      (_, i) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`,
    )
    expect((await Promise.all(queries.map(send))).flatMap(codes)).toEqual(queries.map(() => 'REQUEST_TIMEOUT'))
    const { errors } = await send()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
  })

  it('the circuit breaker stays open if the client aborts the trial request', async () => {
    await start({}, { breakerOpenMs: 500 })
    const advanceClock = stopClock()
    gateway.sandbox.intercept(() => ({ status: 503 }))
    for (let i = 0; i < 12; i++) await send()
    const readiness = async () => (await fetch(new URL('/ready', gateway.url))).text()
    expect(await readiness()).toContain('breaker_open')
    const { heldRequests } = holdResponses(gateway)
    const controller = new AbortController()
    advanceClock(500)
    const aborted = fetch(gateway.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('conf1') },
      body: JSON.stringify({ query: '{ viewer { friendlyName } }' }),
    })
    await waitUntil(() => heldRequests() > 0, 'the trial request arrives')
    const closed = 'restcomm_graphql_upstream_requests_total{resource="account",outcome="cancelled"} 1'
    controller.abort()
    await expect(aborted).rejects.toThrow()
    await waitUntil(async () => (await gateway.metrics()).includes(closed), 'the trial request is cancelled')
    expect(await readiness()).toContain('breaker_open')
  })

  it('500s for a single account open the circuit breaker for this account only', async () => {
    await start()
    const { sid: account } = accountOf('conf1')
    gateway.sandbox.intercept(({ path }) => (path.includes(account) ? { status: 500 } : undefined))
    for (let i = 0; i < 15; i++) {
      await send()
      expect(codes(await gateway.query('{ viewer { sid } }', { as: 'conf50' }))).toEqual([])
    }
    gateway.takeUpstreamRequests()
    const { errors } = await send()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('500s for all accounts open the circuit breaker for every account', async () => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 500 }))
    const accounts = [
      'conf0',
      'conf1',
      'conf49',
      'conf50',
      'conf51',
      'conf100',
      'conf137',
      'part',
      'mix',
      'nullname',
      'admin',
    ]
    for (const as of accounts) await gateway.query('{ viewer { sid } }', { as })
    for (const as of accounts) await gateway.query('{ viewer { sid } }', { as })
    gateway.takeUpstreamRequests()
    const { errors } = await gateway.query('{ viewer { sid } }', { as: 'other-top' })
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('queries for accounts that do not exist leave the circuit breaker closed', async () => {
    await start()
    for (let i = 0; i < 30; i++) {
      const unknown = `AC${String(i).padStart(32, '0')}`
      expect((await send(`{ account(sid: "${unknown}") { sid } }`)).data).toEqual({ account: null })
    }
    expect(codes(await send())).toEqual([])
  })

  it('malformed, truncated and oversized responses leave the circuit breaker closed', async () => {
    await start({}, { maxBodyBytes: 2_000 })
    for (const interception of [
      { status: 200, body: '<html>' },
      { status: 200, body: ' '.repeat(3_000) },
      { status: 200, body: '{"sid"', cut: 3 },
    ]) {
      gateway.sandbox.intercept(() => interception)
      for (let i = 0; i < 15; i++) await send()
    }
    gateway.sandbox.intercept(null)
    expect(codes(await send())).toEqual([])
  })
})

describe('the maximum number of queued requests', () => {
  it('requests beyond the maximum of the queue are rejected as OVERLOADED, and the queued requests are answered', async () => {
    await start({ RESTCOMM_CONNECTIONS: '2' }, { maxQueued: 3 })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    gateway.sandbox.intercept(() => released.then(() => undefined))
    const accounts = ['conf0', 'conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf137', 'part']
    let rejected = 0
    const answers = await Promise.all(
      accounts.map(async as => {
        const answer = await gateway.query('{ viewer { sid } }', { as })
        // Upstream responses wait for the last rejection.
        if (answer.errors && ++rejected === 3) release()
        return answer
      }),
    )
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(5)
    expect(answers.flatMap(codes)).toEqual(['OVERLOADED', 'OVERLOADED', 'OVERLOADED'])
    expect(answers.find(({ errors }) => errors)?.errors?.[0]?.message).toContain(
      'The queue for requests to Restcomm is full',
    )
  })
})

describe('REQUEST_TIMEOUT_MS', () => {
  it('a query returns the fields that arrived within REQUEST_TIMEOUT_MS, and an error for each late field', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400' })
    const slow = conferenceOf('conf50/000')
    holdResponses(gateway, ({ path }) => path.includes(slow))
    const { data, errors } = await gateway.query(`{ viewer { sid } conference(sid: "${slow}") { sid } }`, {
      as: 'conf50',
    })
    expect(data).toEqual({ viewer: { sid: accountOf('conf50').sid }, conference: null })
    expect(errors).toMatchObject([
      {
        path: ['conference'],
        message: expect.stringContaining('REQUEST_TIMEOUT_MS'),
        extensions: { code: 'REQUEST_TIMEOUT' },
      },
    ])
  })

  const muteMutation = async () => {
    const participants = '{ conferences(first: 1) { nodes { participants(first: 1) { nodes { id } } } } }'
    const { data } = await gateway.query(participants, { as: 'part' })
    const id = data.conferences.nodes[0]?.participants.nodes[0]?.id
    return `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`
  }

  it('a mutation is answered after REQUEST_TIMEOUT_MS, and the sent command completes', async () => {
    await start({ REQUEST_TIMEOUT_MS: '500' })
    const mute = await muteMutation()
    const { release } = holdResponses(gateway, ({ method }) => method === 'POST')
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['REQUEST_TIMEOUT'])
    const metric = 'restcomm_graphql_upstream_requests_total{resource="participant",outcome="2xx"} 1'
    expect(await gateway.metrics()).not.toContain(metric)
    release()
    await waitUntil(async () => (await gateway.metrics()).includes(metric), 'the command completes')
  })

  it('a mutation that times out while it waits for a connection sends no command', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400', RESTCOMM_CONNECTIONS: '1' })
    const mute = await muteMutation()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let isConnectionTaken = false
    let other: Promise<unknown> = Promise.resolve()
    gateway.sandbox.intercept(({ method, path }) => {
      // After the participant lookup, a different account occupies the only connection.
      if (method === 'GET' && path.endsWith('/Participants') && !isConnectionTaken) {
        isConnectionTaken = true
        other = gateway.query('{ viewer { friendlyName } }', { as: 'conf1' })
        const isQueued = async () => (await gateway.metrics()).includes('restcomm_graphql_upstream_waiting 1\n')
        return waitUntil(isQueued, 'the request of the other account is queued').then(() => undefined)
      }
      return path.includes(accountOf('conf1').sid) ? released.then(() => undefined) : undefined
    })
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['REQUEST_TIMEOUT'])
    release()
    await other
    expect(codes(await gateway.query('{ viewer { friendlyName } }', { as: 'conf50' }))).toEqual([])
    expect(gateway.takeUpstreamRequests().filter(request => request.startsWith('POST'))).toEqual([])
  })
})

describe('deduplication', () => {
  it('equal queries with the same credentials share an upstream request, even if a client aborts', async () => {
    await start()
    const { release, heldRequests } = holdResponses(gateway)
    const controller = new AbortController()
    const aborted = fetch(gateway.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('conf1') },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    await waitUntil(() => heldRequests() === 1, 'the request is sent')
    const remaining = [1, 2, 3].map(() => gateway.query('{ viewer { sid } }', { as: 'conf1' }))
    const shared = 'restcomm_graphql_upstream_deduplicated_total{resource="account"} 3'
    await waitUntil(async () => (await gateway.metrics()).includes(shared), 'the equal queries share the request')
    controller.abort()
    await expect(aborted).rejects.toThrow()
    release()
    for (const answer of await Promise.all(remaining)) expect(answer.data.viewer.sid).toBe(accountOf('conf1').sid)
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
  })

  it('equal queries with different credentials send separate upstream requests', async () => {
    await start()
    const { release, heldRequests } = holdResponses(gateway)
    const { sid: account } = accountOf('conf1')
    const query = `{ account(sid: "${account}") { sid } }`
    const sent = Promise.all(['conf1', 'admin', 'conf50'].map(as => gateway.query(query, { as })))
    await waitUntil(() => heldRequests() === 3, 'all requests are sent')
    release()
    const answers = await sent
    expect(answers.map(({ data }) => data.account?.sid ?? null)).toEqual([account, account, null])
    expect(answers.flatMap(codes)).toEqual(['FORBIDDEN'])
    expect(
      gateway.sandbox.requests
        .filter(({ path }) => path.endsWith(account))
        .map(r => r.account)
        .sort(),
    ).toEqual(['conf1', 'admin', 'conf50'].map(label => accountOf(label).sid).sort())
  })
})
