import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
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

const CHANGES = 'subscription { conferencesChanged { sid } }'
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
      SHUTDOWN_DELAY_MS: '10000',
      SHUTDOWN_TIMEOUT_MS: '60000',
      LIVE_POLL_INTERVAL_MS: '200',
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
      }
    })
    const sse = Array.from({ length: 8 }, () => bySse(link))
    const webSockets = Array.from({ length: 8 }, () => byWebSocket(link))
    const haveStarted = () => [...sse, ...webSockets].every(({ results }) => results.length > 0) && answered >= 64
    await waitUntil(haveStarted, 'all clients have received results')

    gateway.signal('SIGTERM')
    const signalledAt = performance.now()
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

    for (const { completed, results } of [...sse, ...webSockets]) {
      await completed
      expect(results.length).toBeGreaterThan(1)
      expect(results.slice(0, -1).filter(({ errors }) => errors !== undefined)).toEqual([])
      expect(results.at(-1)).toMatchObject({ errors: [SHUTTING_DOWN] })
    }
    for (const { closed } of webSockets) expect(await closed).toEqual({ code: 1001, reason: SHUTTING_DOWN.message })
    const { code, stderr } = await gateway.exited
    expect(code).toBe(0)
    expect(performance.now() - signalledAt).toBeGreaterThan(9_900)
    expect(stderr.match(/"msg":"[^"]*"/g)).toEqual([
      '"msg":"serving"',
      '"msg":"shutdown started"',
      '"msg":"shutdown complete"',
    ])
  })

  it('SIGTERM cuts off requests to a hanging upstream after SHUTDOWN_TIMEOUT_MS and exits with 0', async () => {
    const restcomm = await startSlowRestcomm(null)
    const gateway = runMain([], {
      PORT: '0',
      RESTCOMM_URL: restcomm.url,
      RESTCOMM_TIMEOUT_MS: '60000',
      REQUEST_TIMEOUT_MS: '60000',
      SHUTDOWN_DELAY_MS: '0',
      SHUTDOWN_TIMEOUT_MS: '1000',
    })
    const { authorization } = restcomm
    const answer = sendQuery(await linkOf(gateway), '{ viewer { friendlyName } }', { authorization }).catch(
      error => error,
    )
    await restcomm.waitForRequests(1)
    gateway.signal('SIGTERM')
    const signalledAt = performance.now()
    const { code, stderr } = await gateway.exited
    expect(code).toBe(0)
    expect(performance.now() - signalledAt).toBeGreaterThan(900)
    expect(await answer).toBeInstanceOf(Error)
    expect(stderr).toContain('"setting":"SHUTDOWN_TIMEOUT_MS","msg":"shutdown timed out"')
  })

  it('a second SIGTERM exits immediately with 143', async () => {
    const gateway = runMain([], { PORT: '0', SHUTDOWN_DELAY_MS: '600000', SHUTDOWN_TIMEOUT_MS: '900000' })
    const link = await linkOf(gateway)
    gateway.signal('SIGTERM')
    await waitUntil(async () => (await readiness(link)).status !== 200, 'the readiness check fails')
    let hasExited = false
    void gateway.exited.then(() => {
      hasExited = true
    })
    // The gateway ignores signals shortly after the first signal.
    await waitUntil(() => {
      if (!hasExited) gateway.signal('SIGTERM')
      return hasExited
    }, 'the gateway exits')
    expect((await gateway.exited).code).toBe(143)
  })
})

describe('SIGINT', () => {
  it('SIGINT skips the shutdown delay, and the duplicate that npm forwards for the same Ctrl+C is ignored', async () => {
    const restcomm = await startSlowRestcomm(700)
    const gateway = runMain([], {
      PORT: '0',
      RESTCOMM_URL: restcomm.url,
      // A delay of the shutdown would exceed the limit of the test.
      SHUTDOWN_DELAY_MS: '600000',
      SHUTDOWN_TIMEOUT_MS: '900000',
      LOG_LEVEL: 'debug',
    })
    const { authorization } = restcomm
    const answer = sendQuery(await linkOf(gateway), '{ viewer { friendlyName } }', { authorization })
    await restcomm.waitForRequests(1)
    gateway.signal('SIGINT')
    await gateway.waitForLog(/"msg":"shutdown started"/)
    gateway.signal('SIGINT')
    expect(await answer).toEqual({ data: { viewer: { friendlyName: 'Slow' } } })
    const { code, stderr } = await gateway.exited
    expect(code).toBe(0)
    expect(stderr).not.toContain('shutdown forced')
    // After SIGINT, the log lines about the shutdown have the level debug.
    expect(stderr.split('\n').filter(line => line.includes('shutdown') && !line.includes('"level":20'))).toEqual([])
  })
})

describe('uncaught errors', () => {
  const settings = (url: string) => ({
    PORT: '0',
    RESTCOMM_URL: url,
    NODE_OPTIONS: '--import ./test/support/throwOnSignal.ts',
  })

  it('an unhandled rejection fails no request, is logged without credentials, and is counted', async () => {
    const restcomm = await startSlowRestcomm(500)
    const gateway = runMain([], settings(restcomm.url))
    const link = await linkOf(gateway)
    const { authorization } = restcomm
    const responses = Array.from({ length: 8 }, () => sendQuery(link, '{ viewer { friendlyName } }', { authorization }))
    await restcomm.waitForRequests(1)
    gateway.signal('SIGUSR2')
    for (const response of await Promise.all(responses)) {
      expect(response).toEqual({ data: { viewer: { friendlyName: 'Slow' } } })
    }
    expect((await sendQuery(link, '{ viewer { friendlyName } }', { authorization })).errors).toBeUndefined()
    const metrics = await (await fetch(new URL('/metrics', link))).text()
    expect(metrics).toMatch(/^restcomm_graphql_unhandled_rejections_total 1$/m)
    gateway.signal('SIGINT')

    const { code, stderr } = await gateway.exited
    expect(code).toBe(0)
    const lines = stderr.trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 30, msg: 'serving' }),
      expect.objectContaining({
        level: 50,
        msg: 'unhandled promise rejection',
        err: expect.objectContaining({ type: 'Error', message: expect.stringContaining('test error') }),
      }),
    ])
    expect(stderr).not.toContain(Buffer.from('AC0:a-token').toString('base64').slice(0, 12))
    expect(stderr).not.toContain('user:password')
  })

  it('an uncaught exception ends the process with 1 after open requests are answered', async () => {
    const restcomm = await startSlowRestcomm(500)
    const gateway = runMain([], settings(restcomm.url))
    const { authorization } = restcomm
    const link = await linkOf(gateway)
    const answer = sendQuery(link, '{ viewer { friendlyName } }', { authorization })
    await restcomm.waitForRequests(1)
    gateway.signal('SIGHUP')
    expect(await answer).toEqual({ data: { viewer: { friendlyName: 'Slow' } } })
    const { code, stderr } = await gateway.exited
    expect(code).toBe(1)
    expect(JSON.parse(stderr.split('\n')[1] ?? '')).toMatchObject({ level: 60, err: { type: 'Error' } })
    expect(stderr).not.toContain(Buffer.from('AC0:a-token').toString('base64').slice(0, 12))
  })
})
