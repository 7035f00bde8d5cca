import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { type MainProcess, runMain } from '../../support/mainProcess.ts'
import { startSlowRestcomm } from '../../support/slowRestcomm.ts'
import { waitUntil } from '../../support/waitUntil.ts'

interface GraphQLResponse {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

const linkOf = async (process: MainProcess): Promise<string> =>
  (await process.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/))[1]?.replace('localhost', '127.0.0.1') ?? ''

const post = (link: string, query: string, headers: Record<string, string> = {}) =>
  fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
const sendQuery = async (link: string, query: string, headers?: Record<string, string>) =>
  (await (await post(link, query, headers)).json()) as GraphQLResponse

const readiness = async (link: string) => {
  const response = await fetch(new URL('/ready', link))
  return { status: response.status, body: await response.json() }
}
const DRAINING = { status: 503, body: { status: 'not ready', reason: 'draining' } }

const CHANGES = 'subscription { accountEvents { __typename } }'
const SHUTTING_DOWN = { message: 'The gateway is shutting down: connect again.', extensions: { code: 'UNAVAILABLE' } }

interface Stream {
  readonly results: GraphQLResponse[]
  /** Resolves on completion; rejects on a broken connection. */
  readonly completed: Promise<void>
}

const read = (iterator: AsyncIterable<GraphQLResponse>): Stream => {
  const results: GraphQLResponse[] = []
  const completed = (async () => {
    for await (const result of iterator) results.push(result)
  })()
  completed.catch(() => undefined)
  return { results, completed }
}

const bySse = (link: string): Stream =>
  read(sseClient({ url: link, retryAttempts: 0 }).iterate({ query: CHANGES }) as AsyncIterable<GraphQLResponse>)

const byWebSocket = (link: string) => {
  const closed = Promise.withResolvers<{ code: number; reason: string }>()
  const client = wsClient({
    url: link.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: {
      closed: event => {
        const { code, reason } = event as { code: number; reason: string }
        closed.resolve({ code, reason })
      },
    },
  })
  return { ...read(client.iterate({ query: CHANGES }) as AsyncIterable<GraphQLResponse>), closed: closed.promise }
}

describe('SIGTERM', () => {
  it('SIGTERM under load fails no accepted request, ends subscriptions with UNAVAILABLE, and exits with 0', async () => {
    const gateway = runMain([], {
      PORT: '0',
      SHUTDOWN_DELAY_MS: '600000',
      SHUTDOWN_TIMEOUT_MS: '900000',
      LIVE_POLL_INTERVAL_MS: '200',
      NODE_OPTIONS: '--import ./test/support/endDelayOnSignal.ts',
    })
    const link = await linkOf(gateway)
    expect(await readiness(link)).toEqual({ status: 200, body: { status: 'ready' } })

    // Like clients behind a load balancer: requests stop once the readiness check fails.
    let isReady = true
    let answered = 0
    const failures: unknown[] = []
    const clients = Array.from({ length: 16 }, async () => {
      while (isReady) {
        try {
          const { data, errors } = await sendQuery(
            link,
            '{ conferences(first: 5) { nodes { sid participants { totalCount } } } }',
          )
          if (errors !== undefined || data === null) failures.push(errors)
          answered++
        } catch (error) {
          failures.push(error)
        }
        // Requests without a pause would occupy all CPU cores.
        await sleep(20)
      }
    })
    const sse = Array.from({ length: 8 }, () => bySse(link))
    const webSockets = Array.from({ length: 8 }, () => byWebSocket(link))
    const haveStarted = () => [...sse, ...webSockets].every(({ results }) => results.length > 0) && answered >= 64
    await waitUntil(haveStarted, 'all clients have received results')

    gateway.signal('SIGTERM')
    await waitUntil(async () => (await readiness(link)).status !== 200, 'the readiness check fails')
    const before = answered
    // Requests are still served, with `Connection: close`; new subscriptions are rejected.
    await expect.poll(() => answered).toBeGreaterThan(before)
    const response = await post(link, '{ viewer { friendlyName } }')
    expect(response.headers.get('connection')).toBe('close')
    expect(await response.json()).toEqual({ data: { viewer: { friendlyName: 'Demo' } } })
    expect(await readiness(link)).toEqual(DRAINING)
    const late = bySse(link)
    const lateWebSocket = byWebSocket(link)
    await late.completed
    await lateWebSocket.completed
    expect(late.results).toEqual([{ errors: [expect.objectContaining({ message: SHUTTING_DOWN.message })] }])
    expect(lateWebSocket.results).toMatchObject([{ errors: [SHUTTING_DOWN] }])
    isReady = false
    await Promise.all(clients)
    expect(failures).toEqual([])

    // During the delay, subscriptions continue.
    for (const { results } of [...sse, ...webSockets]) expect(results.at(-1)?.errors).toBeUndefined()
    gateway.signal('SIGUSR2')
    for (const { completed, results } of [...sse, ...webSockets]) {
      await completed
      expect(results.length).toBeGreaterThan(1)
      expect(results.slice(0, -1).filter(({ errors }) => errors !== undefined)).toEqual([])
      expect(results.at(-1)).toMatchObject({ errors: [SHUTTING_DOWN] })
    }
    for (const { closed } of webSockets) expect(await closed).toEqual({ code: 1001, reason: SHUTTING_DOWN.message })
    const { code, stderr } = await gateway.exited
    expect(code).toBe(0)
    expect(stderr.match(/"msg":"[^"]*"/g)).toEqual([
      '"msg":"serving"',
      '"msg":"shutdown started"',
      '"msg":"shutdown complete"',
    ])
  })
})

describe('SIGINT', () => {
  it('SIGINT exits without the shutdown delay after open requests are answered, while clients hold idle connections', async () => {
    const restcomm = await startSlowRestcomm(500)
    const gateway = runMain([], {
      PORT: '0',
      RESTCOMM_URL: restcomm.url,
      // A delay of the shutdown would exceed the limit of the test.
      SHUTDOWN_DELAY_MS: '600000',
      SHUTDOWN_TIMEOUT_MS: '900000',
    })
    const link = await linkOf(gateway)
    const idle = connect(Number(new URL(link).port), '127.0.0.1')
    onTestFinished(() => void idle.destroy())
    await once(idle, 'connect')
    const { authorization } = restcomm
    const answer = sendQuery(link, '{ viewer { friendlyName } }', { authorization })
    await restcomm.waitForRequests(1)
    gateway.signal('SIGINT')
    expect(await answer).toEqual({ data: { viewer: { friendlyName: 'Slow' } } })
    expect((await gateway.exited).code).toBe(0)
  })
})

it('an unhandled rejection ends nothing, an uncaught exception exits with 1 after open requests are answered, and the log has no credentials', async () => {
  const restcomm = await startSlowRestcomm(500)
  const gateway = runMain([], {
    PORT: '0',
    RESTCOMM_URL: restcomm.url,
    NODE_OPTIONS: '--import ./test/support/throwOnSignal.ts',
  })
  const link = await linkOf(gateway)
  const { authorization } = restcomm
  const query = () => sendQuery(link, '{ viewer { friendlyName } }', { authorization })
  const ANSWER = { data: { viewer: { friendlyName: 'Slow' } } }
  const responses = [query(), query()]
  await restcomm.waitForRequests(1)
  gateway.signal('SIGUSR2')
  expect(await Promise.all(responses)).toEqual([ANSWER, ANSWER])
  const metrics = await (await fetch(new URL('/metrics', link))).text()
  expect(metrics).toMatch(/^restcomm_graphql_unhandled_rejections_total 1$/m)

  const last = query()
  await restcomm.waitForRequests(1)
  gateway.signal('SIGHUP')
  expect(await last).toEqual(ANSWER)
  const { code, stderr } = await gateway.exited
  expect(code).toBe(1)
  const err = expect.objectContaining({ type: 'Error', message: expect.stringContaining('test error') })
  const lines = stderr.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 30, msg: 'serving' }),
    expect.objectContaining({ level: 50, msg: 'unhandled promise rejection', err }),
    expect.objectContaining({ level: 60, msg: 'uncaught exception, shutting down', err }),
    expect.objectContaining({ level: 30, msg: 'shutdown started' }),
    expect.objectContaining({ level: 30, msg: 'shutdown complete' }),
  ])
  expect(stderr).not.toContain(Buffer.from('AC0:a-token').toString('base64').slice(0, 12))
  expect(stderr).not.toContain('user:password')
})
