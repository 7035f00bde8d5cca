import type { IncomingHttpHeaders } from 'node:http'
import { createClient } from 'graphql-sse'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CollectedSpan, type Collector, startCollector } from '../../support/collector.ts'
import { accountOf, basic, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { idOf } from '../../support/nodeId.ts'
import { until } from '../../support/waitFor.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`
const KEY = 'Bearer the-key-of-the-collector'

let collector: Collector
let gateway: TestGateway
let isClosed = false
/** The headers of each request that came to Restcomm. */
let seen: IncomingHttpHeaders[] = []

const start = async (env: Record<string, string> = {}) => {
  gateway = await startGateway({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env } })
  isClosed = false
  seen = []
  gateway.sandbox.intercept(({ headers }) => {
    seen.push(headers)
    return undefined
  })
}
/** Everything that was traced: what was not sent yet is, when the gateway closes. */
const traced = async (): Promise<readonly CollectedSpan[]> => {
  isClosed = true
  await gateway.close()
  return collector.spans
}
const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const found = spans.filter(span => span.name === name)
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} spans named '${name}', among ${spans.map(span => span.name).join(', ')}`)
  }
  return found[0]
}

beforeEach(async () => {
  collector = await startCollector()
})
afterEach(async () => {
  if (!isClosed) await gateway.close()
  await collector.close()
})

const ROOMS = `query Rooms($name: String) {
  conferences(first: 2, filter: { friendlyName: $name, status: RUNNING_MODERATOR_PRESENT }) {
    nodes { participants(first: 3) { nodes { muted call { from } } } }
  }
}`
const ask = (query = ROOMS, headers: Record<string, string> = {}) => gateway.query(query, { as: 'part', headers })

describe('the trace of an operation', () => {
  it('goes from the client’s span to the operation, to batches, and to what they ask Restcomm', async () => {
    await start()
    expect((await ask(ROOMS, { traceparent: TRACEPARENT, tracestate: 'vendor=a' })).errors).toBeUndefined()
    const asked = gateway.sandbox.requests.length
    const spans = await traced()

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
    const operation = named(spans, 'query Rooms')
    expect(operation).toMatchObject({
      kind: 'server',
      parentSpanId: PARENT,
      traceState: 'vendor=a',
      failed: false,
      attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Rooms', 'graphql.outcome': 'ok' },
    })
    const batch = named(spans, 'batch participants')
    expect(batch).toMatchObject({ kind: 'internal', parentSpanId: operation.spanId, attributes: { 'batch.size': 2 } })
    const list = named(spans, 'GET Accounts/{account}/Conferences')
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
    expect(requests).toHaveLength(asked)
    const ofBatch = requests.filter(({ attributes }) => attributes.resource === 'participants')
    expect(ofBatch.map(({ parentSpanId }) => parentSpanId)).toEqual([batch.spanId, batch.spanId])
    for (const span of spans) {
      expect(span.start).toBeGreaterThanOrEqual(operation.start - 2_000_000n)
      expect(span.end).toBeGreaterThanOrEqual(span.start)
    }
  })

  it('goes on to Restcomm: each request has the traceparent of its own span', async () => {
    await start()
    await ask(ROOMS, { traceparent: TRACEPARENT, tracestate: 'vendor=a' })
    const spans = await traced()
    const own = spans.filter(({ kind }) => kind === 'client').map(({ spanId }) => `00-${TRACE}-${spanId}-01`)
    expect(seen.map(({ traceparent }) => traceparent).toSorted()).toEqual(own.toSorted())
    expect(seen.map(({ tracestate }) => tracestate)).toEqual(own.map(() => 'vendor=a'))
  })

  it.each(['none', `00-${'0'.repeat(32)}-${PARENT}-01`, `${TRACEPARENT}-more`, 'ff-1'])(
    'is a new one where the client has none that counts: %s',
    async traceparent => {
      await start()
      await ask('{ viewer { sid } }', traceparent === 'none' ? {} : { traceparent })
      const operation = named(await traced(), 'query')
      expect(operation.parentSpanId).toBeNull()
      expect(operation.traceId).not.toBe(TRACE)
      expect(operation.attributes).not.toHaveProperty('graphql.operation.name')
    },
  )

  it('is named in the log', async () => {
    await start()
    await ask(ROOMS, { traceparent: TRACEPARENT })
    const line = gateway.logged.map(text => JSON.parse(text)).find(({ msg }) => msg === 'operation')
    expect(line).toMatchObject({ traceId: TRACE, operation: 'Rooms' })
  })

  it('says what failed by its code, and at Restcomm by its status', async () => {
    await start()
    gateway.sandbox.intercept(() => ({ status: 503 }))
    await ask('query Failing { viewer { sid } }')
    const spans = await traced()
    expect(named(spans, 'query Failing')).toMatchObject({
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

  it('is there also for what is refused before it is known what it is', async () => {
    await start()
    await ask('query Bad { nope }')
    expect(named(await traced(), 'GraphQL Operation')).toMatchObject({
      kind: 'server',
      failed: true,
      attributes: { 'error.type': 'GRAPHQL_VALIDATION_FAILED', 'graphql.outcome': 'refused' },
    })
  })

  it('is not made where the client or the sampler does not want it, and Restcomm is told so', async () => {
    await start()
    await ask('{ viewer { sid } }', { traceparent: `00-${TRACE}-${PARENT}-00` })
    expect(seen[0]?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
    expect(await traced()).toEqual([])

    await start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })
    await ask('{ viewer { sid } }')
    await ask('query Wanted { viewer { sid } }', { traceparent: TRACEPARENT })
    const names = (await traced()).filter(({ kind }) => kind === 'server').map(({ name }) => name)
    expect(names).toEqual(['query Wanted'])
  })

  it.each([
    { sampler: 'always_on', names: ['query A', 'query B'] },
    { sampler: 'always_off', names: [] },
    { sampler: 'traceidratio', names: ['query A', 'query B'] },
    { sampler: 'parentbased_always_on', names: ['query A'] },
    { sampler: 'parentbased_always_off', names: [] },
  ])('is sampled by $sampler', async ({ sampler, names }) => {
    await start({ OTEL_TRACES_SAMPLER: sampler })
    await ask('query A { viewer { sid } }')
    await ask('query B { viewer { sid } }', { traceparent: `00-${TRACE}-${PARENT}-00` })
    const found = (await traced()).filter(({ kind }) => kind === 'server').map(({ name }) => name)
    expect(found.toSorted()).toEqual(names)
  })
})

describe('what is traced of a subscription', () => {
  it('is that it began, and apart from that what each event makes the gateway ask', async () => {
    await start({ LIVE_POLL_INTERVAL_MS: '50' })
    const { rows } = gateway.sandbox
    const account = rows.addAccount({ auth_token: 'token', email_address: 'live@example.com' }).sid
    const room = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    const id = idOf('Conference', account, room)
    const client = createClient({
      url: gateway.url,
      headers: { authorization: basicOf(account, 'token'), traceparent: TRACEPARENT },
      retryAttempts: 0,
    })
    // The calls of the conference are not among what the watch reads, so each event asks for them.
    const query = `subscription Watch($id: ID!) {
      conferenceEvents(conferenceId: $id) {
        ... on ConferenceSnapshot { conference { calls(first: 1) { nodes { sid } } } }
        ... on ConferenceStatusChanged { conference { calls(first: 1) { nodes { sid } } } }
      }
    }`
    const events = client.iterate({ query, variables: { id } })
    await events.next()
    rows.updateConference(room, { status: 'RUNNING_MODERATOR_ABSENT' })
    await events.next()
    await events.return?.()
    client.dispose()
    const spans = await traced()

    const subscription = named(spans, 'subscription Watch')
    expect(subscription).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 'server' })
    const own = spans.filter(({ name }) => name === 'event Watch')
    expect(own).toHaveLength(2)
    for (const event of own) {
      expect(event).toMatchObject({ parentSpanId: null, kind: 'internal', failed: false })
      expect(event.links).toEqual([{ traceId: TRACE, spanId: subscription.spanId }])
      const below = spans.filter(({ parentSpanId }) => parentSpanId === event.spanId)
      expect(below.map(({ attributes }) => attributes.resource)).toEqual(['calls'])
    }
    expect(new Set(own.map(({ traceId }) => traceId)).size).toBe(2)
  })
})

describe('the collector', () => {
  it('is asked at its address, by the name of the service, with the headers that it wants', async () => {
    await start({
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)},x-tenant=rooms`,
      OTEL_SERVICE_NAME: 'rooms',
    })
    await ask()
    await traced()
    expect(collector.services).toEqual(['rooms'])
    expect(collector.requests).toMatchObject([
      { path: '/v1/traces', headers: { authorization: KEY, 'x-tenant': 'rooms', 'content-type': 'application/json' } },
    ])
    expect(gateway.logged.join('')).not.toContain(KEY)
  })

  it('is asked at an address of its own, where there is one', async () => {
    await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own?a=b` })
    await ask()
    await traced()
    expect(collector.requests.map(({ path }) => path)).toEqual(['/own?a=b'])
  })

  it('gets nothing of which nobody else should know: credentials, SIDs, texts, variables, addresses', async () => {
    await start()
    const { sid, password } = accountOf('part')
    await gateway.query(ROOMS, { as: 'part', variables: { name: '%a-secret-name%' } })
    await ask()
    await ask('{ conferences(first: 3, filter: { friendlyName: "%another-secret%" }) { totalCount } }')
    gateway.sandbox.intercept(() => 'reset')
    await ask('{ viewer { sid } }')
    await gateway.query('{ viewer { sid } }', { as: { user: sid, password: 'a-wrong-password' } })
    await traced()
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

  it('that takes nothing hinders nobody, and is in the log once, without what it was sent', async () => {
    await collector.close()
    await start({ OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)}` })
    expect((await ask()).errors).toBeUndefined()
    const began = performance.now()
    await traced()
    expect(performance.now() - began).toBeLessThan(10_000)
    collector = await startCollector()
  })

  it('that refuses is in the log', async () => {
    await collector.close()
    collector = await startCollector(400)
    await start({ OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)}` })
    await ask()
    await traced()
    const lines = gateway.logged.filter(line => line.includes('the trace collector takes no spans'))
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, spans: expect.any(Number) })
    expect(gateway.logged.join('')).not.toContain('the-key-of-the-collector')
  })
})

describe('a process', () => {
  it('sends what it has not sent yet when it is stopped', async () => {
    await start()
    const process = runMain([], { PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const [, link = ''] = await process.printed(/GraphQL\s+(http:\/\/\S+\/graphql)/)
    const body = JSON.stringify({ query: 'query Last { viewer { sid } }' })
    await (await fetch(link, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text()
    expect(collector.spans).toEqual([])
    process.signal('SIGTERM')
    expect((await process.outcome).code).toBe(0)
    await until(() => collector.spans.some(({ name }) => name === 'query Last'), 'the trace comes')
  }, 40_000)
})

describe('without a collector', () => {
  it('nothing is traced, and a client’s context goes nowhere', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })
    await ask('{ viewer { sid } }', { traceparent: TRACEPARENT, tracestate: 'vendor=a' })
    expect(seen.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([[undefined, undefined]])
    expect(collector.requests).toEqual([])
  })
})
