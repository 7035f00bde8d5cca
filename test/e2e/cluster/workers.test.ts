import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient as sseClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { nodeOptionsWithConstants } from '../../support/config.ts'
import { parseExposition, sumOf } from '../../support/exposition.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { type MainProcess, runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

const ROWS = parseRows(fixture('rows.json'))
const ACCOUNT = accountOf('part').sid
const AUTHORIZATION = basic('part')

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Returns a port which was free at the time of the call. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts a gateway with two workers and a sandbox. Resolves when both workers serve. */
const startGateway = async (settings: Record<string, string> = {}) => {
  const sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const gateway = runMain([], {
    PORT: '0',
    WORKERS: '2',
    RESTCOMM_URL: sandbox.url,
    SHUTDOWN_DELAY_MS: '1000',
    LOG_LEVEL: 'debug',
    ...settings,
  })
  const [, link = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const url = link.replace('localhost', '127.0.0.1')
  const workers = () => workerPids(gateway.pid)
  await waitUntil(() => workers().length === 2, 'both workers run', 240_000)
  // Each request uses a new connection, so that any worker can receive the request.
  const metrics = async () => {
    const at = new URL('/metrics', url)
    if (settings.METRICS_PORT !== undefined) at.port = settings.METRICS_PORT
    return parseExposition(await (await fetch(at, { headers: { connection: 'close' } })).text())
  }
  await untilServing(metrics, 2)
  return { gateway, url, workers, metrics, sandbox }
}

type Read = () => Promise<ReturnType<typeof parseExposition>>

/** Waits until the metrics report `count` serving workers. */
const untilServing = async (read: Read, count: number): Promise<void> => {
  let serving = 0
  const areServing = async () => {
    serving = sumOf(await read(), 'restcomm_graphql_processes')
    return serving === count
  }
  await waitUntil(areServing, `${count} workers serve`).catch(error => {
    throw new Error(`${error instanceof Error ? error.message : error} Last: ${serving}.`)
  })
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

/** Clients which send requests without a pause: half with keep-alive, half with a new connection per request. */
const load = (url: string, clients = 8) => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
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

interface Line {
  readonly pid: number
  readonly msg: string
}

const linesOf = (stderr: string): readonly Line[] =>
  stderr
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Line)

/** Returns the PIDs of the processes which have logged an event. */
const loggedBy = (stderr: string, pattern: RegExp): readonly number[] => [
  ...new Set(
    linesOf(stderr)
      .filter(({ msg }) => pattern.test(msg))
      .map(({ pid }) => pid),
  ),
]

/** Preloaded code which blocks the event loop of workers. */
const HANG = `
  import cluster from 'node:cluster'
  if (cluster.isWorker) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
`

const endOf = async (gateway: MainProcess) => {
  gateway.signal('SIGTERM')
  return gateway.exited
}

describe('a gateway with two workers', { timeout: 480_000 }, () => {
  it('two workers serve one port, print the start-up lines once, and exit with 0 after SIGTERM without failed requests', async () => {
    const { gateway, url, workers } = await startGateway()
    const pids = workers()
    const clients = load(url)
    await clients.more(50)
    gateway.signal('SIGTERM')
    // Like a load balancer: no requests as soon as a readiness check fails.
    await waitUntil(async () => (await fetch(new URL('/ready', url))).status === 503, 'a worker is not ready')
    await clients.stop()
    const { code, stdout, stderr } = await gateway.exited
    expect(clients.failures).toEqual([])
    expect(code).toBe(0)
    expect(stdout.match(/GraphQL/g)).toHaveLength(1)
    expect(stdout).toContain('  workers      2\n')
    expect([...loggedBy(stderr, /^operation/)].sort()).toEqual([...pids].sort())
    expect([...loggedBy(stderr, /shutdown complete/)].sort()).toEqual([...pids].sort())
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('a killed worker is replaced, and only the active requests of the worker fail', async () => {
    const { gateway, url, workers, metrics } = await startGateway()
    const before = workers()
    const clients = load(url)
    await clients.more(50)
    const [victim = 0, other = 0] = before
    process.kill(victim, 'SIGKILL')
    await clients.more(50)
    await waitUntil(() => workers().length === 2, 'the worker is replaced', 240_000)
    expect(workers()).toContain(other)
    expect(workers()).not.toContain(victim)
    await untilServing(metrics, 2)
    await clients.more(50)
    await clients.stop()
    // Each client has at most one active request.
    expect(clients.failures.length).toBeLessThanOrEqual(8)
    const messages = clients.failures.map(failure => (failure instanceof Error ? failure.message : String(failure)))
    expect(messages.filter(message => !/ECONNRESET|EPIPE|socket hang up/.test(message))).toEqual([])
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(linesOf(stderr).filter(({ msg }) => msg === 'worker ended unexpectedly')).toMatchObject([
      { pid: gateway.pid, worker: victim, signal: 'SIGKILL', restartMs: 100 },
    ])
  })

  it('SIGHUP replaces the workers one by one without failed requests or rejected subscriptions', async () => {
    // The first event of a subscription must arrive within the delay, also on a busy machine.
    const { gateway, url, workers, metrics, sandbox } = await startGateway({ SHUTDOWN_DELAY_MS: '5000' })
    const before = workers()
    const clients = load(url)
    await clients.more(50)
    const counted = sumOf(await metrics(), 'restcomm_graphql_operations_total')
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
      }
    })()
    await waitUntil(() => begun > 0, 'a subscription begins', 240_000)
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all workers are replaced', 240_000)
    await clients.more(50)
    isOver = true
    await subscriber
    await clients.stop()
    expect(clients.failures).toEqual([])
    expect(refused).toEqual([])
    expect(workers()).toHaveLength(2)
    expect(before.filter(isRunning)).toEqual([])
    // The counters include the ended workers.
    const { answered } = clients
    await waitUntil(
      async () => sumOf(await metrics(), 'restcomm_graphql_operations_total', { type: 'query' }) >= answered,
      'all queries are counted',
    )
    expect(answered).toBeGreaterThan(counted)
    const queries = sumOf(await metrics(), 'restcomm_graphql_operations_total', { type: 'query' })
    expect(queries).toBe(answered)
    expect((await endOf(gateway)).code).toBe(0)
  })

  it('a worker which crashes during a rolling restart is replaced', async () => {
    const { gateway, workers } = await startGateway()
    const [first, second] = workers()
    gateway.signal('SIGHUP')
    await waitUntil(() => workers().length === 3, 'a new worker starts', 240_000)
    process.kill(second ?? 0, 'SIGKILL')
    await waitUntil(
      () => !workers().includes(first ?? 0) && !workers().includes(second ?? 0),
      'both old workers have ended',
      60_000,
    )
    await waitUntil(() => workers().length === 2, 'two workers run again', 240_000)
    expect((await endOf(gateway)).code).toBe(0)
  })

  it.each([
    ['the GraphQL port', false],
    ['a separate metrics port', true],
  ])('workers serve their combined metrics on %s', async (_title, isApart) => {
    const { gateway, url, metrics } = await startGateway(isApart ? { METRICS_PORT: String(await freePort()) } : {})
    await Promise.all(Array.from({ length: 40 }, () => ask(url, false, 'query Mine { viewer { sid } }')))
    for (const families of await Promise.all(Array.from({ length: 6 }, metrics))) {
      expect(sumOf(families, 'restcomm_graphql_operations_total', { operation: 'Mine' })).toBe(40)
    }
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(loggedBy(stderr, /^operation/)).toHaveLength(2)
  })

  it('the workers end after the primary was killed', async () => {
    const { gateway, workers } = await startGateway()
    const pids = workers()
    gateway.signal('SIGKILL')
    await waitUntil(() => !pids.some(isRunning), 'both workers have ended', 240_000)
  })

  it('a second SIGTERM ends the primary and the workers at once with exit code 143', async () => {
    const { gateway, workers } = await startGateway({ SHUTDOWN_DELAY_MS: '30000', SHUTDOWN_TIMEOUT_MS: '60000' })
    const pids = workers()
    // Signals within 500 ms after the first signal are ignored.
    const repeated = setInterval(() => gateway.signal('SIGTERM'), 100)
    expect((await gateway.exited).code).toBe(143)
    clearInterval(repeated)
    await waitUntil(() => !pids.some(isRunning), 'both workers have ended', 240_000)
  })

  it('a worker which hangs during its start is killed: the old workers stay, and the next SIGHUP replaces them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workers-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'jwks.json')
    writeFileSync(file, fixture('jwks.json'))
    const { gateway, url, workers } = await startGateway({
      JWT_JWKS_FILE: file,
      JWT_ISSUER: 'https://id.example.com/',
      JWT_AUDIENCE: 'restcomm',
      RESTCOMM_ACCOUNT_SID: ACCOUNT,
      // The secret scan searches the output of all tests, so the token must not be a common word.
      RESTCOMM_AUTH_TOKEN: 'f00d'.repeat(8),
      NODE_OPTIONS: nodeOptionsWithConstants({ workers: { startTimeoutMs: 30_000 } }),
    })
    const before = workers()
    // Opening a named pipe blocks the event loop until a process opens the pipe for writing.
    rmSync(file)
    execFileSync('mkfifo', [file])
    gateway.signal('SIGHUP')
    await waitUntil(() => workers().length === 3, 'a new worker is started', 240_000)
    const [hanging = 0] = workers().filter(pid => !before.includes(pid))
    await waitUntil(() => !isRunning(hanging), 'the new worker is killed', 240_000)
    await waitUntil(() => workers().length === 2, 'no further worker is started', 240_000)
    expect([...workers()].sort()).toEqual([...before].sort())
    expect(await ask(url, false)).toEqual({ data: { viewer: { sid: ACCOUNT } } })
    rmSync(file)
    writeFileSync(file, fixture('jwks.json'))
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all workers are replaced', 240_000)
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(
      linesOf(stderr).filter(({ pid, msg }) => pid === gateway.pid && msg !== 'rolling restart started'),
    ).toMatchObject([
      {
        worker: hanging,
        startMs: 30_000,
        msg: 'worker start timed out, killing worker',
      },
      { worker: hanging, signal: 'SIGKILL', msg: 'worker ended unexpectedly' },
      { msg: 'rolling restart stopped, because a new worker did not start' },
      { msg: 'rolling restart complete' },
    ])
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
    expect(linesOf(stderr)).toMatchObject([
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
