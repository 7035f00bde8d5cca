import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
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
/** Stops the clock of deadlines and circuit breakers until the end of the test. Returns a function that advances the clock. */
const stopClock = () => {
  // A whole number, because sums of fractions are rounded.
  let now = Math.ceil(performance.now())
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void vi.restoreAllMocks())
  return (ms: number) => {
    now += ms
  }
}
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

  /** All upstream requests fail from now on. */
  const openBreaker = async (advanceClock: (ms: number) => void) => {
    gateway.sandbox.intercept(() => ({ status: 503 }))
    await send()
    advanceClock(1_000)
    await send()
    await send()
    gateway.takeUpstreamRequests()
  }

  it('an open circuit breaker sends a trial request of each client every 500 ms, rejects further requests with retryAfter, and closes after a success', async () => {
    await start()
    const advanceClock = stopClock()
    await openBreaker(advanceClock)
    const accept = 'application/graphql-response+json'
    const rejected = {
      status: 200,
      retryAfter: '1',
      error: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 1, requestId: expect.any(String) },
    }
    advanceClock(500)
    expect((await sendViewerQuery({ accept })).error).not.toHaveProperty('retryAfter')
    expect(await sendViewerQuery({ accept })).toEqual(rejected)
    advanceClock(499)
    expect(await sendViewerQuery({ accept })).toEqual(rejected)
    await gateway.query('{ viewer { sid } }', { as: 'conf50' })
    const viewers = ['conf1', 'conf50'].map(label => `GET Accounts/${accountOf(label).sid}`)
    expect(gateway.takeUpstreamRequests().filter(request => request !== 'GET Accounts')).toEqual(viewers)

    gateway.sandbox.intercept(null)
    advanceClock(100)
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

  it('500s for a single account open the circuit breaker for this account only', async () => {
    await start()
    const advanceClock = stopClock()
    const { sid: account } = accountOf('conf1')
    gateway.sandbox.intercept(({ path }) => (path.includes(account) ? { status: 500 } : undefined))
    for (let i = 0; i < 15; i++) {
      await send()
      expect(codes(await gateway.query('{ viewer { sid } }', { as: 'conf50' }))).toEqual([])
      advanceClock(100)
    }
    // A trial request.
    await send()
    gateway.takeUpstreamRequests()
    const { errors } = await send()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 1 } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
    expect(codes(await gateway.query('{ viewer { sid } }', { as: 'conf50' }))).toEqual([])
  })

  it('failing requests of several accounts do not stop the requests of a further account while the health probe succeeds', async () => {
    await start()
    const advanceClock = stopClock()
    const failing = ['conf0', 'conf49', 'conf51']
    const sids = failing.map(label => accountOf(label).sid)
    for (const as of failing) await gateway.query('{ viewer { sid } }', { as })
    gateway.sandbox.intercept(({ path }) => (sids.some(sid => path.includes(sid)) ? { status: 500 } : undefined))
    for (let i = 0; i < 4; i++) {
      for (const as of failing) await gateway.query('{ viewer { sid } }', { as })
      advanceClock(1_000)
    }
    for (let i = 0; i < 4; i++) expect(codes(await gateway.query('{ viewer { sid } }', { as: 'conf50' }))).toEqual([])
    expect((await fetch(new URL('/ready', gateway.url))).status).toBe(200)
  })

  it('500s for several accounts and for the health probe open the circuit breaker for every account', async () => {
    await start()
    const advanceClock = stopClock()
    const accounts = ['conf0', 'conf49', 'conf50', 'conf51']
    gateway.sandbox.intercept(() => ({ status: 500 }))
    for (const as of accounts) {
      await gateway.query('{ viewer { sid } }', { as })
      advanceClock(400)
    }
    const readiness = async () => (await fetch(new URL('/ready', gateway.url))).text()
    await waitUntil(async () => (await readiness()).includes('breaker_open'), 'the breaker opens')
    await send()
    gateway.takeUpstreamRequests()
    const { errors } = await send()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 1 } }])
    expect(gateway.takeUpstreamRequests().filter(request => request !== 'GET Accounts')).toEqual([])
  })

  it('queries for accounts that do not exist leave the circuit breaker closed', async () => {
    await start()
    const advanceClock = stopClock()
    for (let i = 0; i < 30; i++) {
      advanceClock(100)
      const unknown = `AC${String(i).padStart(32, '0')}`
      expect((await send(`{ account(sid: "${unknown}") { sid } }`)).data).toEqual({ account: null })
    }
    expect(codes(await send())).toEqual([])
  })

  it('malformed, truncated and oversized responses leave the circuit breaker closed', async () => {
    await start({}, { maxBodyBytes: 2_000 })
    const advanceClock = stopClock()
    for (const interception of [
      { status: 200, body: '<html>' },
      { status: 200, body: ' '.repeat(3_000) },
      { status: 200, body: '{"sid"', cut: 3 },
    ]) {
      gateway.sandbox.intercept(() => interception)
      for (let i = 0; i < 15; i++) {
        await send()
        advanceClock(100)
      }
    }
    gateway.sandbox.intercept(null)
    expect(codes(await send())).toEqual([])
  })
})

describe('the maximum number of queued requests', () => {
  it('requests beyond the maximum of the queue are rejected as OVERLOADED, and the queued requests are answered', async () => {
    await start({ RESTCOMM_CONNECTIONS: '2' }, { maxQueued: 3 })
    const accounts = ['conf0', 'conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf137', 'part']
    // Credentials which Restcomm has not accepted yet share fewer connections.
    for (const as of accounts) await gateway.query('{ viewer { sid } }', { as })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    gateway.sandbox.intercept(() => released.then(() => undefined))
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
    await start({ REQUEST_TIMEOUT_MS: '400' }, { timeoutMs: 60_000 })
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

  const muteMutation = async (as = 'part') => {
    const participants = '{ conferences(first: 1) { nodes { participants(first: 1) { nodes { id } } } } }'
    const { data } = await gateway.query(participants, { as })
    const id = data.conferences.nodes[0]?.participants.nodes[0]?.id
    return `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`
  }
  const muteAllMutation = async () => {
    const { data } = await gateway.query('{ conferences(first: 1) { nodes { id } } }', { as: 'part' })
    const id = data.conferences.nodes[0]?.id
    return `mutation { muteConference(input: { conferenceId: "${id}" }) { userErrors { message } } }`
  }
  const sentCommands = () => gateway.takeUpstreamRequests().filter(request => request.startsWith('POST'))

  it('a mutation may take 15 s longer than REQUEST_TIMEOUT_MS, and a command without an answer is reported with an unknown outcome', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400' }, { commandTimeoutMs: 1_500, timeoutMs: 60_000 })
    const mute = await muteMutation()
    holdResponses(gateway, ({ method }) => method === 'POST')
    const { errors } = await gateway.query(mute, { as: 'part' })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('may or may not have been executed'),
        extensions: { code: 'UPSTREAM_TIMEOUT' },
      },
    ])
  })

  it('a command is not sent if its time limit does not fit into the remaining time of the mutation', async () => {
    await start()
    const [mute, muteAll] = [await muteMutation(), await muteAllMutation()]
    const advanceClock = stopClock()
    gateway.takeUpstreamRequests()
    let isSlow = true
    gateway.sandbox.intercept(({ path }) => {
      if (path.includes('/Participants') && isSlow) {
        isSlow = false
        advanceClock(10_001)
      }
      return undefined
    })
    const single = await gateway.query(mute, { as: 'part' })
    expect(single.errors).toMatchObject([
      { message: expect.stringContaining('was not sent'), extensions: { code: 'REQUEST_TIMEOUT', retryAfter: 1 } },
    ])
    isSlow = true
    const { data } = await gateway.query(muteAll, { as: 'part' })
    for (const { message } of data.muteConference.userErrors) expect(message).toContain('was not executed')
    expect(data.muteConference.userErrors.length).toBeGreaterThan(1)
    expect(sentCommands()).toEqual([])
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual([])
    expect(sentCommands()).toHaveLength(1)
  })

  it('a read is not sent if less time remains than Restcomm needs for an answer', async () => {
    await start()
    const advanceClock = stopClock()
    gateway.sandbox.intercept(({ path }) => {
      // Each answer takes 2 s.
      if (path.includes('/Accounts/AC')) advanceClock(2_000)
      return undefined
    })
    for (let i = 0; i < 40; i++) expect(codes(await send())).toEqual([])
    gateway.takeUpstreamRequests()
    gateway.sandbox.intercept(({ path }) => {
      if (path.endsWith('/Participants')) return undefined
      advanceClock(9_000)
      return undefined
    })
    const query = `{ conference(sid: "${conferenceOf('part5')}") { participants { totalCount } } }`
    const { errors } = await gateway.query(query, { as: 'part' })
    expect(errors).toMatchObject([{ extensions: { code: 'REQUEST_TIMEOUT', retryAfter: 1 } }])
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
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
