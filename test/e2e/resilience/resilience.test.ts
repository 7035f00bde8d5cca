import { afterEach, describe, expect, it } from 'vitest'
import type { Interception } from '../../../src/sandbox/index.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { until } from '../../support/waitFor.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const start = async (env: Record<string, string> = {}) => {
  gateway = await startGateway({ env })
}
const sid = conferenceOf('conf1/000')
const ask = (query = `{ conference(sid: "${sid}") { sid } }`) => gateway.query(query, { as: 'conf1' })
const codes = (answer: Awaited<ReturnType<typeof ask>>) =>
  answer.errors?.map(({ extensions }) => extensions?.code) ?? []
const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))
/** Answers so to the first requests, and lets the others be. */
const failFirst = (count: number, interception: Interception) => {
  let left = count
  gateway.sandbox.intercept(() => (left-- > 0 ? interception : undefined))
}

describe('a GET that fails', () => {
  it.each([
    ['a reset connection', 'reset'],
    ['a 500', { status: 500 }],
    ['a 502', { status: 502 }],
    ['a 503', { status: 503 }],
    ['a 504', { status: 504 }],
    ['an answer that is cut off', { status: 200, body: '{"sid": "CF"}', cut: 5 }],
  ] as const)('by %s is sent again, twice at most', async (_what, interception) => {
    await start()
    failFirst(2, interception)
    const { data, errors } = await ask()
    expect([errors, data.conference]).toEqual([undefined, { sid }])
    expect(gateway.asked()).toHaveLength(3)
    failFirst(9, interception)
    expect(codes(await ask())).toEqual(['UPSTREAM_UNAVAILABLE'])
    // What is left of the budget that a fresh gateway has.
    expect(gateway.asked()).toHaveLength(2)
  })

  it.each([
    ['a 400', { status: 400 }],
    ['a 403', { status: 403 }],
    ['a 404', { status: 404 }],
    ['a page of HTML', { status: 200, body: '<html>' }],
  ] as const)('by %s is not sent again', async (_what, interception) => {
    await start()
    failFirst(1, interception)
    await ask()
    expect(gateway.asked()).toHaveLength(1)
  })

  it('adds no more than a tenth to the load of a server that fails now and then', async () => {
    await start()
    let count = 0
    gateway.sandbox.intercept(() => (++count % 4 === 0 ? { status: 503 } : undefined))
    for (let i = 0; i < 300; i++) await ask(`{ conference(sid: "${sid}") { sid } }`)
    expect(gateway.asked().length - 300).toBeLessThanOrEqual(3 + 300 / 10)
  })
})

describe('a POST', () => {
  it('is never sent again', async () => {
    await start()
    const participants = '{ conferences(first: 1) { nodes { participants(first: 1) { nodes { id } } } } }'
    const { data } = await gateway.query(participants, { as: 'part' })
    const id = data.conferences.nodes[0]?.participants.nodes[0]?.id
    gateway.asked()
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? 'reset' : undefined))
    const mute = `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['UPSTREAM_UNAVAILABLE'])
    expect(gateway.asked().filter(request => request.startsWith('POST'))).toHaveLength(1)
  })
})

describe('a Restcomm that fails again and again', () => {
  const status = async (headers: Record<string, string> = {}) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf1'), ...headers },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    const { errors } = (await response.json()) as { errors?: { extensions: { retryAfter?: number; code: string } }[] }
    return { status: response.status, retryAfter: response.headers.get('retry-after'), error: errors?.[0]?.extensions }
  }

  it('is left alone: the answer comes at once, and says when to come back; then it is asked again, by one request', async () => {
    await start({ RESTCOMM_BREAKER_OPEN_MS: '1500' })
    gateway.sandbox.intercept(() => ({ status: 503 }))
    for (let i = 0; i < 12; i++) await ask()
    gateway.asked()
    const accept = 'application/graphql-response+json'
    expect(await status({ accept })).toEqual({
      status: 503,
      retryAfter: expect.stringMatching(/^[12]$/),
      error: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number), requestId: expect.any(String) },
    })
    expect(gateway.asked()).toEqual([])

    await sleep(1_600)
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => gateway.query('{ viewer { sid } }', { as: `conf${i ? 1 : 50}` })),
    )
    expect(gateway.asked()).toHaveLength(1)
    gateway.sandbox.intercept(null)
    await sleep(1_600)
    expect(codes(await ask())).toEqual([])
    expect(codes(await ask())).toEqual([])
  })

  it('is left alone as soon as many requests at once were answered 500', async () => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 500 }))
    const queries = Array.from(
      { length: 20 },
      (_, i) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`,
    )
    await Promise.all(queries.map(ask))
    gateway.asked()
    const { errors } = await ask()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.asked()).toEqual([])
  })

  it('is left alone also where it is never heard of before the time of those who ask is up', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400', RESTCOMM_BREAKER_OPEN_MS: '60000' })
    gateway.sandbox.intercept(async () => {
      await sleep(2_000)
      return undefined
    })
    const queries = Array.from(
      { length: 15 },
      (_, i) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`,
    )
    expect((await Promise.all(queries.map(ask))).flatMap(codes)).toEqual(queries.map(() => 'REQUEST_TIMEOUT'))
    const { errors } = await ask()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
  })

  it('is not taken for well since a client went away while one request was to show it', async () => {
    await start({ RESTCOMM_BREAKER_OPEN_MS: '500' })
    gateway.sandbox.intercept(() => ({ status: 503 }))
    for (let i = 0; i < 12; i++) await ask()
    const isOpen = async () => (await fetch(new URL('/ready', gateway.url))).text()
    expect(await isOpen()).toContain('breaker open')
    await sleep(600)
    gateway.sandbox.intercept(async () => {
      await sleep(2_000)
      return undefined
    })
    const asked = fetch(gateway.url, {
      method: 'POST',
      signal: AbortSignal.timeout(100),
      headers: { 'content-type': 'application/json', authorization: basic('conf1') },
      body: JSON.stringify({ query: '{ viewer { friendlyName } }' }),
    })
    await expect(asked).rejects.toThrow()
    await sleep(50)
    expect(await isOpen()).toContain('breaker open')
  })

  it('at one account only is left alone by that one only', async () => {
    await start()
    const { sid: account } = accountOf('conf1')
    gateway.sandbox.intercept(({ path }) => (path.includes(account) ? { status: 500 } : undefined))
    for (let i = 0; i < 15; i++) {
      await ask()
      expect(codes(await gateway.query('{ viewer { sid } }', { as: 'conf50' }))).toEqual([])
    }
    gateway.asked()
    const { errors } = await ask()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.asked()).toEqual([])
  })

  it('with 500s, at all accounts, is left alone', async () => {
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
    gateway.asked()
    const { errors } = await gateway.query('{ viewer { sid } }', { as: 'other-top' })
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) } }])
    expect(gateway.asked()).toEqual([])
  })

  it('is not left alone for what anybody can make it fail at: accounts that do not exist', async () => {
    await start()
    for (let i = 0; i < 30; i++) {
      const unknown = `AC${String(i).padStart(32, '0')}`
      expect((await ask(`{ account(sid: "${unknown}") { sid } }`)).data).toEqual({ account: null })
    }
    expect(codes(await ask())).toEqual([])
  })

  it('is not left alone for answers that are wrong by themselves', async () => {
    await start({ RESTCOMM_MAX_BODY_BYTES: '2000' })
    for (const interception of [
      { status: 200, body: '<html>' },
      { status: 200, body: ' '.repeat(3_000) },
      { status: 200, body: '{"sid"', cut: 3 },
    ]) {
      gateway.sandbox.intercept(() => interception)
      for (let i = 0; i < 15; i++) await ask()
    }
    gateway.sandbox.intercept(null)
    expect(codes(await ask())).toEqual([])
  })
})

describe('too much at the same time', () => {
  it('is OVERLOADED at once, and what was let in is answered', async () => {
    await start({ RESTCOMM_CONNECTIONS: '2', RESTCOMM_MAX_WAITING: '3' })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    gateway.sandbox.intercept(() => released.then(() => undefined))
    const accounts = ['conf0', 'conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf137', 'part']
    let refused = 0
    const answers = await Promise.all(
      accounts.map(async as => {
        const answer = await gateway.query('{ viewer { sid } }', { as })
        // Nothing is answered before those that are refused have been.
        if (answer.errors && ++refused === 3) release()
        return answer
      }),
    )
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(5)
    expect(answers.flatMap(codes)).toEqual(['OVERLOADED', 'OVERLOADED', 'OVERLOADED'])
    expect(answers.find(({ errors }) => errors)?.errors?.[0]?.message).toContain('RESTCOMM_MAX_WAITING')
  })
})

describe('the time of a request', () => {
  it('covers all that it reads: what has arrived is answered, and what has not is an error at its place', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400' })
    const slow = conferenceOf('conf50/000')
    gateway.sandbox.intercept(async ({ path }) => {
      if (path.includes('/Conferences/')) await sleep(path.includes(slow) ? 2_000 : 0)
      return undefined
    })
    const began = performance.now()
    const { data, errors } = await gateway.query(`{ viewer { sid } conference(sid: "${slow}") { sid } }`, {
      as: 'conf50',
    })
    expect(performance.now() - began).toBeLessThan(1_500)
    expect(data).toEqual({ viewer: { sid: accountOf('conf50').sid }, conference: null })
    expect(errors).toMatchObject([
      {
        path: ['conference'],
        message: expect.stringContaining('REQUEST_TIMEOUT_MS'),
        extensions: { code: 'REQUEST_TIMEOUT' },
      },
    ])
  })
})

describe('the time of a mutation', () => {
  const MUTE = async () => {
    const participants = '{ conferences(first: 1) { nodes { participants(first: 1) { nodes { id } } } } }'
    const { data } = await gateway.query(participants, { as: 'part' })
    const id = data.conferences.nodes[0]?.participants.nodes[0]?.id
    return `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`
  }

  it('is bounded as well: it is answered, and what was sent is not broken off', async () => {
    await start({ REQUEST_TIMEOUT_MS: '500' })
    const mute = await MUTE()
    let isDone = false
    gateway.sandbox.intercept(async ({ method }) => {
      if (method !== 'POST') return undefined
      await sleep(1_500)
      isDone = true
      return undefined
    })
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['REQUEST_TIMEOUT'])
    expect(isDone).toBe(false)
    const metric = 'restcomm_graphql_upstream_requests_total{resource="participant",outcome="2xx"} 1'
    const metrics = async () => (await fetch(new URL('/metrics', gateway.url))).text()
    await until(async () => (await metrics()).includes(metric), 'the change is done')
  })

  it('ends waiting for a turn, and then nothing is sent any more', async () => {
    await start({ REQUEST_TIMEOUT_MS: '400', RESTCOMM_CONNECTIONS: '1' })
    const mute = await MUTE()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let holds = false
    gateway.sandbox.intercept(({ method, path }) => {
      // Once the participant has been found, somebody else takes the only connection.
      if (method === 'GET' && path.endsWith('/Participants') && !holds) {
        holds = true
        void gateway.query('{ viewer { friendlyName } }', { as: 'conf1' })
        return sleep(100).then(() => undefined)
      }
      return path.includes(accountOf('conf1').sid) ? released.then(() => undefined) : undefined
    })
    expect(codes(await gateway.query(mute, { as: 'part' }))).toEqual(['REQUEST_TIMEOUT'])
    release()
    await sleep(200)
    expect(gateway.asked().filter(request => request.startsWith('POST'))).toEqual([])
  })
})

describe('equal reads at the same time', () => {
  it('with the same credentials are one upstream request, whoever leaves', async () => {
    await start()
    gateway.sandbox.intercept(async () => {
      await sleep(200)
      return undefined
    })
    const controller = new AbortController()
    const leaving = fetch(gateway.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('conf1') },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    await sleep(50)
    const staying = [1, 2, 3].map(() => gateway.query('{ viewer { sid } }', { as: 'conf1' }))
    await sleep(50)
    controller.abort()
    await expect(leaving).rejects.toThrow()
    for (const answer of await Promise.all(staying)) expect(answer.data.viewer.sid).toBe(accountOf('conf1').sid)
    expect(gateway.asked()).toHaveLength(1)
  })

  it('with others are requests of their own', async () => {
    await start()
    gateway.sandbox.intercept(async () => {
      await sleep(100)
      return undefined
    })
    const { sid: account } = accountOf('conf1')
    const query = `{ account(sid: "${account}") { sid } }`
    const answers = await Promise.all(['conf1', 'admin', 'conf50'].map(as => gateway.query(query, { as })))
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
