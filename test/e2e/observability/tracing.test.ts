import type { IncomingHttpHeaders } from 'node:http'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type CollectedSpan, type Collector, startCollector } from '../../support/collector.ts'
import { accountOf, basic, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`
/** Maximum time for which the shutdown waits for the collector. */
const FLUSH_TIMEOUT_MS = 3_000
const KEY = 'Bearer the-key-of-the-collector'

let collector: Collector
let gateway: TestGateway
let isClosed = false
/** Headers of all upstream requests. */
let upstreamHeaders: IncomingHttpHeaders[] = []

const start = async (env: Record<string, string> = {}) => {
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    // The collector of the tests reads JSON. The default of the SDK is Protocol Buffers.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    ...env,
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  gateway = await startGateway({ env: variables })
  isClosed = false
  upstreamHeaders = []
  gateway.sandbox.intercept(({ headers }) => {
    upstreamHeaders.push(headers)
    return undefined
  })
}
/** Closes the gateway, which flushes pending spans, and returns all spans. */
const collectSpans = async (): Promise<readonly CollectedSpan[]> => {
  isClosed = true
  await gateway.close()
  return collector.spans
}
const spanNamed = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const found = spans.filter(span => span.name === name)
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} spans are named '${name}', among ${spans.map(span => span.name).join(', ')}`)
  }
  return found[0]
}

beforeEach(async () => {
  collector = await startCollector()
})
afterEach(async () => {
  if (!isClosed) await gateway.close()
  await collector.close()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const QUERY = `query Conferences($name: String) {
  conferences(first: 2, filter: { friendlyName: $name, status: RUNNING_MODERATOR_PRESENT }) {
    nodes { participants(first: 3) { nodes { muted call { from } } } }
  }
}`
const runQuery = (query = QUERY, headers: Record<string, string> = {}) => gateway.query(query, { as: 'part', headers })

describe('operation traces', () => {
  it('a trace continues from the client to the operation, its batches and its upstream requests', async () => {
    await start()
    expect((await runQuery(QUERY, { traceparent: TRACEPARENT, tracestate: 'vendor=a' })).errors).toBeUndefined()
    const requestCount = gateway.sandbox.requests.length
    const spans = await collectSpans()

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
    const operation = spanNamed(spans, 'query Conferences')
    expect(operation).toMatchObject({
      kind: 'server',
      parentSpanId: PARENT,
      traceState: 'vendor=a',
      failed: false,
      attributes: {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Conferences',
        'graphql.outcome': 'ok',
      },
    })
    const batch = spanNamed(spans, 'batch participants')
    expect(batch).toMatchObject({ kind: 'internal', parentSpanId: operation.spanId, attributes: { 'batch.size': 2 } })
    const list = spanNamed(spans, 'GET Accounts/{account}/Conferences')
    expect(list).toMatchObject({
      kind: 'client',
      parentSpanId: operation.spanId,
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.template': 'Accounts/{account}/Conferences',
        resource: 'conferences',
      },
    })
    const requests = spans.filter(({ kind }) => kind === 'client')
    expect(requests).toHaveLength(requestCount)
    const ofBatch = requests.filter(({ attributes }) => attributes.resource === 'participants')
    expect(ofBatch.map(({ parentSpanId }) => parentSpanId)).toEqual([batch.spanId, batch.spanId])
    for (const span of spans) {
      expect(span.start).toBeGreaterThanOrEqual(operation.start - 2_000_000n)
      expect(span.end).toBeGreaterThanOrEqual(span.start)
    }
  })

  it('every upstream request carries the traceparent of its own span', async () => {
    await start()
    await runQuery(QUERY, { traceparent: TRACEPARENT, tracestate: 'vendor=a' })
    const spans = await collectSpans()
    const own = spans.filter(({ kind }) => kind === 'client').map(({ spanId }) => `00-${TRACE}-${spanId}-01`)
    expect(upstreamHeaders.map(({ traceparent }) => traceparent).toSorted()).toEqual(own.toSorted())
    expect(upstreamHeaders.map(({ tracestate }) => tracestate)).toEqual(own.map(() => 'vendor=a'))
  })

  it.each(['none', `00-${'0'.repeat(32)}-${PARENT}-01`, `${TRACEPARENT}-more`, 'ff-1'])(
    'an invalid or missing traceparent starts a new trace: %s',
    async traceparent => {
      await start()
      await runQuery('{ viewer { sid } }', traceparent === 'none' ? {} : { traceparent })
      const operation = spanNamed(await collectSpans(), 'query')
      expect(operation.parentSpanId).toBeNull()
      expect(operation.traceId).not.toBe(TRACE)
      expect(operation.attributes).not.toHaveProperty('graphql.operation.name')
    },
  )

  it('upstream requests of deferred parts belong to the trace', async () => {
    await start()
    const query = `query Deferred { conferences(first: 2, filter: { status: RUNNING_MODERATOR_PRESENT }) {
      nodes { sid ... @defer { participants(first: 3) { nodes { muted } } } }
    } }`
    const headers = { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('part') }
    const response = await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    expect(await response.text()).toContain('muted')
    const requestCount = gateway.sandbox.requests.length
    const spans = await collectSpans()
    const { traceId } = spanNamed(spans, 'query Deferred')
    const requests = spans.filter(({ kind }) => kind === 'client')
    expect(requests.map(span => span.traceId)).toEqual(Array.from({ length: requestCount }, () => traceId))
  })

  it('the operation log line has the trace id', async () => {
    await start()
    await runQuery(QUERY, { traceparent: TRACEPARENT })
    const line = gateway.logged.map(text => JSON.parse(text)).find(({ msg }) => msg === 'operation')
    expect(line).toMatchObject({ traceId: TRACE, operation: 'Conferences' })
  })

  it('failed spans have the error code, and failed upstream spans the HTTP status', async () => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 503 }))
    await runQuery('query Failing { viewer { sid } }')
    const spans = await collectSpans()
    expect(spanNamed(spans, 'query Failing')).toMatchObject({
      failed: true,
      attributes: {
        'error.type': 'UPSTREAM_UNAVAILABLE',
        'graphql.error.codes': 'UPSTREAM_UNAVAILABLE',
        'graphql.outcome': 'failed',
      },
    })
    const requests = spans.filter(({ kind }) => kind === 'client')
    expect(requests.length).toBeGreaterThan(0)
    for (const span of requests) {
      expect(span).toMatchObject({
        failed: true,
        attributes: { 'error.type': 'unavailable', 'http.response.status_code': 503 },
      })
    }
  })

  it('an operation rejected before execution has a span', async () => {
    await start()
    await runQuery('query Bad { nope }')
    expect(spanNamed(await collectSpans(), 'GraphQL Operation')).toMatchObject({
      kind: 'server',
      failed: true,
      attributes: { 'error.type': 'GRAPHQL_VALIDATION_FAILED', 'graphql.outcome': 'refused' },
    })
  })

  it('unsampled operations create no spans, and Restcomm receives the unsampled flag', async () => {
    await start()
    await runQuery('{ viewer { sid } }', { traceparent: `00-${TRACE}-${PARENT}-00` })
    expect(upstreamHeaders[0]?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
    expect(await collectSpans()).toEqual([])

    await start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })
    await runQuery('{ viewer { sid } }')
    await runQuery('query Wanted { viewer { sid } }', { traceparent: TRACEPARENT })
    const names = (await collectSpans()).filter(({ kind }) => kind === 'server').map(({ name }) => name)
    expect(names).toEqual(['query Wanted'])
  })

  it.each([
    { sampler: 'always_on', names: ['query A', 'query B'] },
    { sampler: 'always_off', names: [] },
    { sampler: 'traceidratio', names: ['query A', 'query B'] },
    { sampler: 'parentbased_always_on', names: ['query A'] },
    { sampler: 'parentbased_always_off', names: [] },
  ])('OTEL_TRACES_SAMPLER=$sampler selects the expected operations', async ({ sampler, names }) => {
    await start({ OTEL_TRACES_SAMPLER: sampler })
    await runQuery('query A { viewer { sid } }')
    await runQuery('query B { viewer { sid } }', { traceparent: `00-${TRACE}-${PARENT}-00` })
    const found = (await collectSpans()).filter(({ kind }) => kind === 'server').map(({ name }) => name)
    expect(found.toSorted()).toEqual(names)
  })
})

describe('subscription traces', () => {
  const openSse = (authorization: string) =>
    createSseClient({ url: gateway.url, headers: { authorization, traceparent: TRACEPARENT }, retryAttempts: 0 })
  const openWebSocket = (authorization: string) =>
    createWebSocketClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    })

  it.each([
    { transport: 'server-sent events', open: openSse, parent: { traceId: TRACE, parentSpanId: PARENT } },
    { transport: 'a WebSocket', open: openWebSocket, parent: { parentSpanId: null } },
  ])(
    'a subscription over $transport has a span for its start, and a linked trace per event with upstream requests',
    async ({ open, parent }) => {
      await start({ LIVE_POLL_INTERVAL_MS: '50' })
      const { rows } = gateway.sandbox
      const account = rows.addAccount({ auth_token: 'token', email_address: 'live@example.com' }).sid
      const conference = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' }).sid
      const id = nodeIdOf('Conference', account, conference)
      const client = open(basicOf(account, 'token'))
      // The watch does not read calls, so every event causes an upstream request.
      const query = `subscription Watch($id: ID!) {
      conferenceEvents(conferenceId: $id) {
        ... on ConferenceSnapshot { conference { calls(first: 1) { nodes { sid } } } }
        ... on ConferenceStatusChanged { conference { calls(first: 1) { nodes { sid } } } }
      }
    }`
      const events = client.iterate({ query, variables: { id } })
      await events.next()
      rows.updateConference(conference, { status: 'RUNNING_MODERATOR_ABSENT' })
      await events.next()
      await events.return?.()
      await client.dispose()
      const spans = await collectSpans()

      const subscription = spanNamed(spans, 'subscription Watch')
      expect(subscription).toMatchObject({ ...parent, kind: 'server' })
      const own = spans.filter(({ name }) => name === 'event Watch')
      expect(own).toHaveLength(2)
      for (const event of own) {
        expect(event).toMatchObject({ parentSpanId: null, kind: 'internal', failed: false })
        expect(event.links).toEqual([{ traceId: subscription.traceId, spanId: subscription.spanId }])
        const below = spans.filter(({ parentSpanId }) => parentSpanId === event.spanId)
        expect(below.map(({ attributes }) => attributes.resource)).toEqual(['calls'])
      }
      expect(new Set(own.map(({ traceId }) => traceId)).size).toBe(2)
      // Polls are not traced.
      expect(spans.filter(({ kind }) => kind === 'client')).toHaveLength(2)
    },
  )
})

describe('trace export', () => {
  it('spans are exported to the endpoint with the service name and the configured headers', async () => {
    await start({
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)},x-tenant=conferences`,
      OTEL_SERVICE_NAME: 'conferences',
    })
    await runQuery()
    await collectSpans()
    expect(collector.services).toEqual(['conferences'])
    expect(collector.requests).toMatchObject([
      {
        path: '/v1/traces',
        headers: { authorization: KEY, 'x-tenant': 'conferences', 'content-type': 'application/json' },
      },
    ])
    expect(gateway.logged.join('')).not.toContain(KEY)
  })

  it('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT replaces the endpoint and its path', async () => {
    await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own?a=b` })
    await runQuery()
    await collectSpans()
    expect(collector.requests.map(({ path }) => path)).toEqual(['/own?a=b'])
  })

  it('by default, spans are exported as Protocol Buffers', async () => {
    await start({ OTEL_EXPORTER_OTLP_PROTOCOL: '' })
    await runQuery()
    await collectSpans()
    expect(collector.requests.map(({ headers }) => headers['content-type'])).toEqual(['application/x-protobuf'])
  })

  it('OTEL_RESOURCE_ATTRIBUTES are attributes of the resource, and the default service name is restcomm-graphql', async () => {
    await start({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging' })
    await runQuery()
    await collectSpans()
    expect(collector.services).toEqual(['restcomm-graphql'])
    expect(collector.bodies.join('')).toContain('"deployment.environment.name","value":{"stringValue":"staging"}')
  })

  it('an invalid setting of OpenTelemetry is logged as a warning at the start', async () => {
    await start({ OTEL_TRACES_SAMPLER: 'jaeger_remote' })
    const lines = gateway.logged.map(text => JSON.parse(text)).filter(({ level }) => level === 40)
    expect(lines).toMatchObject([
      { msg: 'invalid OpenTelemetry setting', reason: expect.stringContaining('"jaeger_remote"') },
    ])
  })

  it('the baggage of a client is not sent to Restcomm', async () => {
    await start()
    await runQuery('{ viewer { sid } }', { traceparent: TRACEPARENT, baggage: 'user=a-secret-name' })
    expect(upstreamHeaders.map(({ traceparent, baggage }) => [traceparent?.slice(0, 35), baggage])).toEqual([
      [TRACEPARENT.slice(0, 35), undefined],
    ])
  })

  it('exported spans contain no credentials, SIDs, query texts, variables or addresses', async () => {
    await start()
    const { sid, password } = accountOf('part')
    await gateway.query(QUERY, { as: 'part', variables: { name: '%a-secret-name%' } })
    await runQuery()
    await runQuery('{ conferences(first: 3, filter: { friendlyName: "%another-secret%" }) { totalCount } }')
    gateway.sandbox.intercept(() => 'reset')
    await runQuery('{ viewer { sid } }')
    await gateway.query('{ viewer { sid } }', { as: { user: sid, password: 'a-wrong-password' } })
    await collectSpans()
    const sent = collector.bodies.join('\n')
    expect(sent).toContain('batch participants')
    for (const secret of [
      sid,
      password,
      basic('part').slice(6),
      'a-secret-name',
      'another-secret',
      'a-wrong-password',
    ]) {
      expect(sent).not.toContain(secret)
    }
    expect(sent).not.toMatch(/\b(AC|CF|CA|RE)[0-9a-f]{32}\b|127\.0\.0\.1|Basic|authorization/i)
  })

  it('an unreachable collector does not affect requests or the shutdown', async () => {
    await collector.close()
    await start({ OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)}` })
    expect((await runQuery()).errors).toBeUndefined()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const closed = collectSpans()
    const flushTimeout = () => timers.mock.calls.find(([, delayMs]) => delayMs === FLUSH_TIMEOUT_MS)?.[0]
    await waitUntil(() => flushTimeout() !== undefined, 'the flush has begun')
    flushTimeout()?.()
    await closed
    collector = await startCollector()
  })

  it('rejected spans are logged once, without the headers of the collector', async () => {
    await collector.close()
    collector = await startCollector(400)
    await start({ OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)}` })
    await runQuery()
    await collectSpans()
    const lines = gateway.logged.filter(line => line.includes('trace export failed'))
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, code: 400 })
    expect(gateway.logged.join('')).not.toContain('the-key-of-the-collector')
  })
})

describe('trace flush', () => {
  it('the process flushes pending spans on SIGTERM', async () => {
    await start()
    const process = runMain([], {
      PORT: '0',
      SHUTDOWN_DELAY_MS: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    const [, link = ''] = await process.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
    const body = JSON.stringify({ query: 'query Last { viewer { sid } }' })
    await (await fetch(link, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text()
    expect(collector.spans).toEqual([])
    process.signal('SIGTERM')
    expect((await process.exited).code).toBe(0)
    await waitUntil(() => collector.spans.some(({ name }) => name === 'query Last'), 'the span is exported')
  }, 40_000)
})

describe('tracing off', () => {
  it('without an endpoint, no spans are created and no trace context is forwarded', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })
    await runQuery('{ viewer { sid } }', { traceparent: TRACEPARENT, tracestate: 'vendor=a' })
    expect(upstreamHeaders.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
      [undefined, undefined],
    ])
    expect(collector.requests).toEqual([])
  })

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
    'an endpoint has no effect with %o',
    async env => {
      await start(env)
      await runQuery('{ viewer { sid } }', { traceparent: TRACEPARENT })
      await collectSpans()
      expect(upstreamHeaders.map(({ traceparent }) => traceparent)).toEqual([undefined])
      expect(collector.requests).toEqual([])
    },
  )
})
