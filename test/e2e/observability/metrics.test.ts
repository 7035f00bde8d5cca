import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Family, type Labels, parseExposition, sumOf } from '../../support/exposition.ts'
import { accountOf, basic, basicOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
beforeAll(async () => {
  const env = {
    RESTCOMM_CONNECTIONS: '1',
    LIVE_POLL_INTERVAL_MS: '50',
  }
  gateway = await startGateway({ env, config: { restcomm: { maxQueued: 1 } } })
})
beforeEach(() => gateway.sandbox.intercept(null))
afterAll(() => gateway.close())

const metricsUrl = () => gateway.url.replace('/graphql', '/metrics')
const textOf = async (url: string) => (await fetch(url)).text()
const read = async () => parseExposition(await textOf(metricsUrl()))

/** Increase of a metric during `work`. */
const increase = async (sample: string, work: () => Promise<unknown>, labels: Labels = {}): Promise<number> => {
  const before = sumOf(await read(), sample, labels)
  await work()
  return sumOf(await read(), sample, labels) - before
}
/** All samples of a metric that change during `work`, with labels and difference. */
const changedSamples = async (
  metric: string,
  work: () => Promise<unknown>,
): Promise<{ readonly [label: string]: string | number; readonly by: number }[]> => {
  const before = await read()
  await work()
  return [...((await read()).get(metric)?.samples ?? [])]
    .map(({ name, labels, value }) => ({ ...labels, by: value - sumOf(before, name, labels) }))
    .filter(({ by }) => by !== 0)
}

const sid = conferenceOf('conf1/000')
const runQuery = (query: string) => gateway.query(query, { as: 'conf1' })
const OPERATIONS = 'restcomm_graphql_operations_total'
const REQUESTS = 'restcomm_graphql_upstream_requests_total'

describe('operation metrics', () => {
  it.each([
    ['query Mine { viewer { sid } }', { operation: 'Mine', type: 'query', outcome: 'ok' }],
    ['{ viewer { sid } }', { operation: 'anonymous', type: 'query', outcome: 'ok' }],
    ['query Bad { nope }', { operation: 'anonymous', type: 'unknown', outcome: 'refused' }],
    ['query {', { operation: 'anonymous', type: 'unknown', outcome: 'refused' }],
    ['query Never($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', { operation: 'other', outcome: 'refused' }],
    ['mutation Mute { muteParticipant(input: { participantId: "x" }) { userErrors { code } } }', { type: 'mutation' }],
  ])('operations_total counts by name, type and outcome: %s', async (query, labels) => {
    expect(await changedSamples(OPERATIONS, () => runQuery(query))).toEqual([
      expect.objectContaining({ ...labels, by: 1 }),
    ])
  })

  it('an operation with data and errors counts as partial, and errors_total counts by code', async () => {
    const query = `query Half { viewer { sid } account(sid: "${accountOf('conf1').sid}") { conferences(after: "wrong") { totalCount } } }`
    expect(await changedSamples(OPERATIONS, () => runQuery(query))).toEqual([
      { operation: 'Half', type: 'query', outcome: 'partial', by: 1 },
    ])
    expect(await changedSamples('restcomm_graphql_errors_total', () => runQuery(query))).toEqual([
      { code: 'BAD_USER_INPUT', by: 1 },
    ])
  })

  it('an operation without data because of an upstream failure counts as failed', async () => {
    gateway.sandbox.intercept(() => ({ status: 200, body: '<html>' }))
    const query = 'query Whole { viewer { sid } }'
    expect(await changedSamples(OPERATIONS, () => runQuery(query))).toEqual([
      expect.objectContaining({ type: 'query', outcome: 'failed', by: 1 }),
    ])
  })

  it('an operation of a disconnected client counts as cancelled, without an HTTP response', async () => {
    gateway.sandbox.intercept(() => 'hang')
    const gone = async () => {
      const headers = { 'content-type': 'application/json', authorization: basic('conf1') }
      const client = request(gateway.url, { method: 'POST', headers })
      client.on('error', () => undefined)
      client.end(JSON.stringify({ query: 'query Mine { viewer { sid } }' }))
      await waitUntil(() => gateway.sandbox.requests.length > 0, 'Restcomm receives a request')
      client.destroy()
      await waitUntil(
        async () => sumOf(await read(), OPERATIONS, { outcome: 'cancelled' }) > 0,
        'the metrics count the cancelled operation',
      )
    }
    gateway.sandbox.clearRequests()
    const before = sumOf(await read(), 'restcomm_graphql_http_responses_total')
    expect(await changedSamples(OPERATIONS, gone)).toEqual([
      { operation: 'Mine', type: 'query', outcome: 'cancelled', by: 1 },
    ])
    expect(sumOf(await read(), 'restcomm_graphql_http_responses_total')).toBe(before)
  })

  it('an operation with incremental delivery counts once, with the errors of all payloads', async () => {
    const inParts = (query: string) => async () => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('conf1') },
        body: JSON.stringify({ query }),
      })
      expect((await response.text()).match(/hasNext/g)?.length).toBeGreaterThan(1)
    }
    const well = 'query Parts { viewer { sid ... @defer { friendlyName } } }'
    expect(await changedSamples(OPERATIONS, inParts(well))).toEqual([
      { operation: 'Parts', type: 'query', outcome: 'ok', by: 1 },
    ])
    const badly = 'query Parts { viewer { sid ... @defer { conferences(after: "wrong") { totalCount } } } }'
    expect(await changedSamples(OPERATIONS, inParts(badly))).toEqual([
      { operation: 'Parts', type: 'query', outcome: 'partial', by: 1 },
    ])
  })

  it('WebSocket operations count as ok, or as cancelled after a disconnect', async () => {
    const connect = () => {
      const connectionParams = { authorization: basic('conf1') }
      const url = gateway.url.replace('http', 'ws')
      return wsClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams })
    }
    const answered = async () => {
      const client = connect()
      await client.iterate({ query: 'query Socket { viewer { sid } }' }).next()
      await client.dispose()
    }
    const labels = { operation: 'Socket', type: 'query' }
    expect(await changedSamples(OPERATIONS, answered)).toEqual([{ ...labels, outcome: 'ok', by: 1 }])

    gateway.sandbox.intercept(() => 'hang')
    gateway.sandbox.clearRequests()
    const left = async () => {
      const client = connect()
      const answer = client.iterate({ query: 'query Socket { viewer { sid } }' }).next()
      answer.catch(() => undefined)
      await waitUntil(() => gateway.sandbox.requests.length > 0, 'Restcomm receives a request')
      client.terminate()
      await waitUntil(
        async () => sumOf(await read(), OPERATIONS, { ...labels, outcome: 'cancelled' }) > 0,
        'the metrics count the cancelled operation',
      )
    }
    expect(await changedSamples(OPERATIONS, left)).toEqual([{ ...labels, outcome: 'cancelled', by: 1 }])
  })

  it('operation_duration_seconds counts by type', async () => {
    const count = 'restcomm_graphql_operation_duration_seconds_count'
    expect(await increase(count, () => runQuery('{ viewer { sid } }'), { type: 'query' })).toBe(1)
  })

  it('http_responses_total counts by status, including malformed requests', async () => {
    const work = async () => {
      await runQuery('{ viewer { sid } }')
      const headers = { 'content-type': 'application/json' }
      await (await fetch(gateway.url, { method: 'POST', headers, body: '{' })).text()
    }
    expect(await changedSamples('restcomm_graphql_http_responses_total', work)).toEqual([
      { status: '200', by: 1 },
      { status: '400', by: 1 },
    ])
  })
})

describe('errors_total by code', () => {
  const body = (query: string) => JSON.stringify({ query })
  const post = async (url: string, text: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf1'), ...headers },
      body: text,
    })
    await response.text()
  }

  it.each([
    ['BAD_REQUEST', '{', {}],
    ['UNSUPPORTED_MEDIA_TYPE', body('{ __typename }'), { 'content-type': 'text/plain' }],
    ['CROSS_ORIGIN', body('{ __typename }'), { origin: 'https://elsewhere.example.com' }],
    ['GRAPHQL_PARSE_FAILED', body('{'), {}],
    ['GRAPHQL_VALIDATION_FAILED', body('{ nope }'), {}],
    ['UNAUTHENTICATED', body('{ viewer { sid } }'), { authorization: 'none' }],
  ])('errors_total counts %s', async (code, text, headers) => {
    expect(await changedSamples('restcomm_graphql_errors_total', () => post(gateway.url, text, headers))).toEqual([
      { code, by: 1 },
    ])
  })

  it('errors_total counts BODY_TOO_LARGE, QUERY_TOO_DEEP and RATE_LIMITED', async () => {
    const testGateway = await startGateway({
      env: { MAX_BODY_BYTES: '1024', MAX_QUERY_DEPTH: '3', RATE_LIMIT_COST: '100' },
    })
    await post(testGateway.url, body('{ viewer { sid } }').padEnd(2_000))
    await post(testGateway.url, body('{ viewer { conferences { nodes { sid } } } }'))
    await post(testGateway.url, body('{ viewer { sid } }'))
    await post(testGateway.url, body('{ viewer { sid } }'))
    const { samples = [] } =
      parseExposition(await textOf(`${testGateway.adminUrl}/metrics`)).get('restcomm_graphql_errors_total') ?? {}
    await testGateway.close()
    expect(samples.map(({ labels, value }) => `${labels.code} ${value}`).toSorted()).toEqual([
      'BODY_TOO_LARGE 1',
      'QUERY_TOO_DEEP 1',
      'RATE_LIMITED 1',
    ])
  })
})

describe('subscription metrics', () => {
  const QUERY = 'subscription Watch($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }'
  const account = { user: '', password: 'token' }
  const open = () => {
    const { rows } = gateway.sandbox
    const owner = rows.addAccount({ auth_token: account.password, email_address: `${Math.random()}@example.com` }).sid
    const conference = rows.addConference({ account_sid: owner, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    account.user = owner
    return { conference, id: nodeIdOf('Conference', owner, conference) }
  }
  const bySse = (id: string) => {
    const authorization = basicOf(account.user, account.password)
    const client = sseClient({ url: gateway.url, headers: { authorization }, retryAttempts: 0 })
    return { events: client.iterate({ query: QUERY, variables: { id } }), stop: () => client.dispose() }
  }
  const byWebSocket = (id: string) => {
    const connectionParams = { authorization: basicOf(account.user, account.password) }
    const url = gateway.url.replace('http', 'ws')
    const client = wsClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams })
    return { events: client.iterate({ query: QUERY, variables: { id } }), stop: () => client.dispose() }
  }

  it.each([
    { transport: 'SSE', subscribe: bySse },
    { transport: 'WebSocket', subscribe: byWebSocket },
  ])('a $transport subscription counts once at its start, and every event counts', async ({ subscribe }) => {
    const { conference, id } = open()
    const before = await read()
    const { events, stop } = subscribe(id)
    await events.next()
    const during = await read()
    expect(sumOf(during, 'restcomm_graphql_subscribers')).toBe(1)
    expect(sumOf(during, 'restcomm_graphql_watches')).toBe(1)
    gateway.sandbox.rows.updateConference(conference, { status: 'RUNNING_MODERATOR_ABSENT' })
    await events.next()
    await events.return?.()
    void stop()
    await waitUntil(
      async () => sumOf(await read(), 'restcomm_graphql_subscribers') === 0,
      'the last subscriber has left',
    )
    const after = await read()
    const by = (sample: string, labels: Labels = {}) => sumOf(after, sample, labels) - sumOf(before, sample, labels)
    expect(by(OPERATIONS, { type: 'subscription' })).toBe(1)
    expect(by(OPERATIONS, { operation: 'Watch', type: 'subscription', outcome: 'ok' })).toBe(1)
    expect(by('restcomm_graphql_subscription_events_total')).toBe(2)
    expect(by('restcomm_graphql_operation_duration_seconds_count', { type: 'subscription' })).toBe(1)
  })

  it('a rejected subscription counts as refused', async () => {
    const { events, stop } = byWebSocket('wrong')
    const refused = async () => {
      await events.next()
      await stop()
    }
    expect(await changedSamples(OPERATIONS, refused)).toEqual([
      { operation: 'Watch', type: 'subscription', outcome: 'refused', by: 1 },
    ])
  })
})

describe('upstream metrics', () => {
  it('upstream_requests_total counts by resource and outcome, and matches the requests at Restcomm', async () => {
    gateway.sandbox.clearRequests()
    const query = '{ viewer { sid } conferences(first: 5) { nodes { participants { nodes { muted } } } } }'
    const requests = await changedSamples(REQUESTS, () => gateway.query(query, { as: 'part' }))
    expect(requests.map(({ resource, outcome }) => `${resource} ${outcome}`)).toEqual(
      expect.arrayContaining(['account 2xx', 'conferences 2xx', 'participants 2xx']),
    )
    expect(requests.reduce((sum, { by }) => sum + by, 0)).toBe(gateway.sandbox.requests.length)
    const durations = await read()
    for (const { resource } of requests) {
      const labels = { resource: String(resource) }
      const count = sumOf(durations, 'restcomm_graphql_upstream_request_duration_seconds_count', labels)
      expect(count).toBe(sumOf(durations, REQUESTS, labels))
    }
  })

  it.each([
    ['4xx', { status: 404 }],
    ['3xx', { status: 302 }],
    ['unreachable', 'reset'],
  ] as const)('upstream_requests_total counts the outcome %s', async (outcome, interception) => {
    gateway.sandbox.intercept(() => interception)
    const requests = await changedSamples(REQUESTS, () => runQuery(`{ conference(sid: "${sid}") { sid } }`))
    gateway.sandbox.intercept(null)
    expect(requests).toEqual([expect.objectContaining({ resource: 'conference', outcome })])
  })

  it('upstream_retries_total counts by resource and reason', async () => {
    let failures = 1
    gateway.sandbox.intercept(() => (failures-- > 0 ? 'reset' : undefined))
    expect(
      await changedSamples('restcomm_graphql_upstream_retries_total', async () => {
        // Earlier tests may have used up the retry budget; every request refills a part.
        for (let i = 0; i < 20; i++) await runQuery('{ viewer { sid } }')
        failures = 1
        await runQuery('{ viewer { sid } }')
      }),
    ).toEqual([{ resource: 'account', reason: 'failure', by: expect.any(Number) }])
  })

  it('upstream metrics count active, waiting, deduplicated and overloaded requests', async () => {
    // Credentials which Restcomm has not accepted yet have a separate queue.
    for (const as of ['conf1', 'conf50', 'part']) await gateway.query('{ viewer { friendlyName } }', { as })
    const release = Promise.withResolvers<undefined>()
    gateway.sandbox.intercept(() => release.promise)
    const before = await read()
    const value = async (name: string) => sumOf(await read(), `restcomm_graphql_upstream_${name}`)
    const answers = [1, 2].map(() => runQuery('{ viewer { sid } }'))
    await waitUntil(
      async () => (await value('deduplicated_total')) > sumOf(before, 'restcomm_graphql_upstream_deduplicated_total'),
      'the second request is deduplicated',
    )
    expect([await value('in_flight'), await value('waiting')]).toEqual([1, 0])
    answers.push(gateway.query('{ viewer { sid } }', { as: 'conf50' }))
    await waitUntil(async () => (await value('waiting')) === 1, 'one request waits')
    const { errors } = await gateway.query('{ viewer { sid } }', { as: 'part' })
    expect(errors?.[0]?.extensions?.code).toBe('OVERLOADED')
    release.resolve(undefined)
    await Promise.all(answers)
    gateway.sandbox.intercept(null)
    const after = await read()
    expect([await value('in_flight'), await value('waiting')]).toEqual([0, 0])
    for (const name of ['deduplicated_total', 'overloaded_total']) {
      const sample = `restcomm_graphql_upstream_${name}`
      const labels = { resource: 'account' }
      expect(sumOf(after, sample, labels) - sumOf(before, sample, labels)).toBe(1)
    }
  })

  it('cache_lookups_total counts hits and misses', async () => {
    const account_sid = accountOf('conf1').sid
    const over = gateway.sandbox.rows.addConference({ account_sid, status: 'COMPLETED' }).sid
    const query = `{ conference(sid: "${over}") { sid } }`
    expect(await changedSamples('restcomm_graphql_cache_lookups_total', () => runQuery(query))).toEqual([
      { outcome: 'miss', by: 1 },
    ])
    expect(await changedSamples('restcomm_graphql_cache_lookups_total', () => runQuery(query))).toEqual([
      { outcome: 'hit', by: 1 },
    ])
    expect(sumOf(await read(), 'restcomm_graphql_cache_entries')).toBeGreaterThan(0)
    expect(sumOf(await read(), 'restcomm_graphql_cache_bytes')).toBeGreaterThan(100)
  })

  it('upstream_breaker_state and upstream_breaker_transitions_total follow the circuit breaker', async () => {
    const STATE = 'restcomm_graphql_upstream_breaker_state'
    expect(sumOf(await read(), STATE)).toBe(0)
    gateway.sandbox.intercept(() => ({ status: 503 }))
    const opened = await increase(
      'restcomm_graphql_upstream_breaker_transitions_total',
      async () => {
        await waitUntil(async () => {
          await runQuery('{ viewer { sid } }')
          return sumOf(await read(), STATE) === 1
        }, 'the circuit breaker opens')
      },
      { state: 'open' },
    )
    expect(opened).toBe(1)
    gateway.sandbox.intercept(null)
    await waitUntil(async () => {
      await runQuery('{ viewer { sid } }')
      return sumOf(await read(), STATE) === 0
    }, 'the circuit breaker closes')
  })
})

describe('Prometheus text format', () => {
  it('metrics have at most 200 operation names, and count later names as `other`', async () => {
    const testGateway = await startGateway()
    const many = Array.from({ length: 250 }, (_, i) => testGateway.query(`query Name${i} { __typename }`))
    await Promise.all(many)
    const { samples = [] } = parseExposition(await textOf(`${testGateway.adminUrl}/metrics`)).get(OPERATIONS) ?? {}
    await testGateway.close()
    expect(samples.filter(({ labels }) => /^Name\d+$/.test(labels.operation ?? ''))).toHaveLength(200)
    expect(samples.find(({ labels }) => labels.operation === 'other')?.value).toBe(50)
  })

  it('GET /metrics is valid Prometheus text with the matching content type', async () => {
    const response = await fetch(metricsUrl())
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(parseExposition(await response.text()).size).toBeGreaterThan(40)
  })

  it('docs/operations.md lists exactly the served metrics, with their types', async () => {
    const written = [
      ...readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8').matchAll(
        /^\| `(\w+)` \| (\w+) \|/gm,
      ),
    ]
      .filter(([, , type = '']) => ['counter', 'gauge', 'histogram'].includes(type))
      .map(([, name, type]) => `${name} ${type}`)
    const served = [...(await read()).values()].map(({ name, type }: Family) => `${name} ${type}`)
    expect(written.toSorted()).toEqual(served.toSorted())
  })

  it('metric names have the prefix restcomm_graphql_ and base units', async () => {
    const own = [...(await read()).values()].filter(({ name }) => !/^(process|nodejs)_/.test(name))
    for (const { name, type } of own) {
      expect(name).toMatch(/^restcomm_graphql_[a-z_]+$/)
      if (type === 'counter') expect(name).toMatch(/_total$/)
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    }
    expect(own.length).toBeGreaterThan(15)
  })

  it('metrics contain no SIDs, credentials or addresses', async () => {
    const text = await textOf(metricsUrl())
    const { sid, password } = accountOf('conf1')
    for (const secret of [sid, password, basic('conf1'), 'Basic ', '127.0.0.1', '@example.com']) {
      expect(text).not.toContain(secret)
    }
    expect(text).not.toMatch(/\b(AC|CF|CA|RE)[0-9a-f]{32}\b/)
  })
})

describe('metrics settings', () => {
  it('METRICS_PORT serves /metrics, /health and /ready, and no GraphQL', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    await new Promise(resolve => free.close(resolve))
    const process = runMain([], { PORT: '0', METRICS_PORT: String(port), SHUTDOWN_DELAY_MS: '0' })
    const [, link = ''] = await process.waitForOutput(/GraphQL\s+(http:\/\/\S+)\/graphql/)
    const statusOf = async (url: string) => (await fetch(url)).status

    expect(await statusOf(`${link}/metrics`)).toBe(404)
    expect(await statusOf(`${link}/health`)).toBe(200)
    const operator = `http://127.0.0.1:${port}`
    expect(parseExposition(await textOf(`${operator}/metrics`)).has(OPERATIONS)).toBe(true)
    expect(await statusOf(`${operator}/health`)).toBe(200)
    expect(await statusOf(`${operator}/ready`)).toBe(200)
    for (const path of ['/graphql', '/graphql?query={viewer{sid}}', '/']) {
      expect(await statusOf(operator + path)).toBe(404)
    }
    process.signal('SIGTERM')
    expect((await process.exited).code).toBe(0)
  })

  it('the process exits if PORT is in use, even after the metrics port was opened', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await runMain([], { PORT: String(port), METRICS_PORT: '0' }).exited
    taken.close()
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('set PORT to a free port') })
  })

  it('the error for an occupied metrics port names METRICS_PORT', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await runMain([], { PORT: '0', METRICS_PORT: String(port) }).exited
    taken.close()
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(
        `Cannot listen on 127.0.0.1:${port}: the port is already in use; set METRICS_PORT to a free port.`,
      ),
    })
  })
})
