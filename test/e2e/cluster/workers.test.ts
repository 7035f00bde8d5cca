import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient as sseClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { nodeOptionsWithConstants } from '../../support/config.ts'
import { sumOf } from '../../support/exposition.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { logLines, startCluster } from '../../support/startCluster.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { isRunning } from '../../support/workerPids.ts'

const ROWS = parseRows(fixture('rows.json'))
const ACCOUNT = accountOf('part').sid
const AUTHORIZATION = basic('part')

/** Returns a port which was free at the time of the call. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts a gateway with two workers and a sandbox. Workers shut down only after `endDelay`. */
const start = async (settings: Record<string, string>) => {
  const sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const cluster = await startCluster({
    RESTCOMM_URL: sandbox.url,
    SHUTDOWN_DELAY_MS: '600000',
    SHUTDOWN_TIMEOUT_MS: '900000',
    NODE_OPTIONS: '--import ./test/support/endDelayOnSignal.ts',
    ...settings,
  })
  const endDelay = (pids: readonly number[]) => pids.forEach(pid => void process.kill(pid, 'SIGUSR2'))
  return { sandbox, endDelay, ...cluster }
}

interface Answer {
  readonly data?: unknown
  readonly errors?: unknown
}

const QUERY = '{ viewer { sid } }'

const ask = (url: string, agent: Agent | false, query = QUERY): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: AUTHORIZATION }
    const asked = request(url, { method: 'POST', agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('error', reject).on('end', () => resolve(JSON.parse(text) as Answer))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ query }))
  })

/** Clients which send one request after the other: half with keep-alive, half with a new connection per request. */
const load = (url: string, clients = 8) => {
  // First in, first out: no connection remains idle for long.
  const agent = new Agent({ keepAlive: true, maxSockets: clients, scheduling: 'fifo' })
  onTestFinished(() => agent.destroy())
  const failures: unknown[] = []
  let isOver = false
  let answered = 0
  const all = Array.from({ length: clients }, async (_, i) => {
    while (!isOver) {
      try {
        const { errors } = await ask(url, i % 2 === 0 ? agent : false)
        if (errors === undefined) answered++
        else failures.push(errors)
      } catch (error) {
        failures.push(error)
      }
      // Requests without a pause would occupy all CPU cores.
      await sleep(20)
    }
  })
  return {
    failures,
    get answered() {
      return answered
    },
    more: (count: number) => {
      const from = answered
      return waitUntil(() => answered >= from + count, `${count} more answers`)
    },
    stop: async () => {
      isOver = true
      await Promise.all(all)
    },
  }
}

/** Returns the PIDs of the processes which have logged an event. */
const loggedBy = (stderr: string, pattern: RegExp): readonly number[] => {
  const lines = logLines(stderr).filter(({ msg }) => pattern.test(msg))
  return [...new Set(lines.map(({ pid }) => pid))].sort()
}

/** Preloaded code which blocks the event loop of workers. */
const HANG = `
  import cluster from 'node:cluster'
  if (cluster.isWorker) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
`

describe('a gateway with two workers', { timeout: 480_000 }, () => {
  it('two workers serve one port and combined metrics, print the start-up lines once, and exit with 0 after SIGTERM without failed requests', async () => {
    const { gateway, url, workers, metrics, endDelay } = await start({ LOG_LEVEL: 'debug' })
    const pids = workers()
    await Promise.all(Array.from({ length: 40 }, () => ask(url, false, 'query Mine { viewer { sid } }')))
    for (const families of await Promise.all(Array.from({ length: 6 }, metrics))) {
      expect(sumOf(families, 'restcomm_graphql_operations_total', { operation: 'Mine' })).toBe(40)
    }
    const clients = load(url)
    await clients.more(50)
    gateway.signal('SIGTERM')
    // Like a load balancer: no requests as soon as a readiness check fails.
    await waitUntil(async () => (await fetch(new URL('/ready', url))).status === 503, 'a worker is not ready')
    await clients.stop()
    endDelay(pids)
    const { code, stdout, stderr } = await gateway.exited
    expect(clients.failures).toEqual([])
    expect(code).toBe(0)
    expect(stdout.match(/GraphQL/g)).toHaveLength(1)
    expect(stdout).toContain('  workers      2\n')
    expect(loggedBy(stderr, /^operation/)).toEqual([...pids].sort())
    expect(loggedBy(stderr, /shutdown complete/)).toEqual([...pids].sort())
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('a killed worker is replaced, only the active requests of the worker fail, and a second SIGTERM ends all processes at once with 143', async () => {
    const { gateway, url, workers, waitForReplacement } = await start({})
    const clients = load(url)
    await clients.more(50)
    const [victim = 0, other = 0] = workers()
    process.kill(victim, 'SIGKILL')
    await waitForReplacement([victim])
    expect(workers()).toContain(other)
    await clients.more(50)
    await clients.stop()
    // Each client has at most one active request.
    expect(clients.failures.length).toBeLessThanOrEqual(8)
    const messages = clients.failures.map(failure => (failure instanceof Error ? failure.message : String(failure)))
    expect(messages.filter(message => !/ECONNRESET|EPIPE|socket hang up/.test(message))).toEqual([])
    const pids = workers()
    // Signals within 500 ms after the first signal are ignored.
    const repeated = setInterval(() => gateway.signal('SIGTERM'), 100)
    const { code, stderr } = await gateway.exited
    clearInterval(repeated)
    expect(code).toBe(143)
    await waitUntil(() => !pids.some(isRunning), 'both workers have ended', 240_000)
    expect(logLines(stderr).filter(({ msg }) => msg === 'worker ended unexpectedly')).toMatchObject([
      { pid: gateway.pid, worker: victim, signal: 'SIGKILL', restartMs: 100 },
    ])
  })

  it('SIGHUP replaces the workers one by one without failed requests or rejected subscriptions, and their counters remain in the metrics at METRICS_PORT', async () => {
    const { gateway, url, workers, metrics, waitForReplacement, endDelay, sandbox } = await start({
      METRICS_PORT: String(await freePort()),
    })
    const before = workers()
    const clients = load(url)
    await clients.more(50)
    const { sid } = sandbox.rows.addConference({ account_sid: ACCOUNT, status: 'RUNNING_MODERATOR_PRESENT' })
    const query = `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', ACCOUNT, sid)}") { __typename } }`
    const refused: unknown[] = []
    let begun = 0
    let isOver = false
    const subscriber = (async () => {
      while (!isOver) {
        const client = sseClient({ url, retryAttempts: 0, headers: { authorization: AUTHORIZATION } })
        for await (const { errors } of client.iterate({ query })) {
          if (errors === undefined) begun++
          else refused.push(errors)
          break
        }
        client.dispose()
        await sleep(20)
      }
    })()
    await waitUntil(() => begun > 0, 'a subscription begins', 240_000)
    gateway.signal('SIGHUP')
    await gateway.waitForLog(/("msg":"worker replaced".*){2}/s)
    // Each client leaves the old workers after the next response, as within the shutdown delay in production.
    const begunBefore = begun
    await waitUntil(() => begun > begunBefore + 1, 'a subscription begins at a new worker', 240_000)
    await clients.more(100)
    endDelay(before)
    await waitForReplacement(before)
    await clients.more(50)
    isOver = true
    await subscriber
    await clients.stop()
    expect(clients.failures).toEqual([])
    expect(refused).toEqual([])
    const { answered } = clients
    const countQueries = async () => sumOf(await metrics(), 'restcomm_graphql_operations_total', { type: 'query' })
    await waitUntil(async () => (await countQueries()) >= answered, 'all queries are counted')
    expect(await countQueries()).toBe(answered)
    // Without the shutdown delay of SIGTERM.
    gateway.signal('SIGINT')
    expect((await gateway.exited).code).toBe(0)
  })

  it('a first worker which hangs during its start is logged and ends the primary with exit code 1', async () => {
    const gateway = runMain([], {
      PORT: '0',
      WORKERS: '2',
      RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
      NODE_OPTIONS: `${nodeOptionsWithConstants({ workers: { startTimeoutMs: 500 } })} --import=data:text/javascript,${encodeURIComponent(HANG)}`,
    })
    const { code, stdout, stderr } = await gateway.exited
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(logLines(stderr)).toMatchObject([
      {
        pid: gateway.pid,
        startMs: 500,
        msg: 'worker start timed out, killing worker',
      },
    ])
  })

  it('a port in use is reported once and ends the primary with exit code 1', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const gateway = runMain([], { PORT: String(port), WORKERS: '2', RESTCOMM_URL: 'http://127.0.0.1:9/restcomm' })
    expect(await gateway.exited).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on 127.0.0.1:${port}: the port is already in use; set PORT to a free port.\n`,
    })
  })
})
