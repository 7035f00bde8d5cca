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

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** One that was free just now. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Workers before a sandbox, once all of them serve. */
const begin = async (settings: Record<string, string> = {}) => {
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
  await waitUntil(() => workers().length === 2, 'both workers are there')
  // By a connection each time, so that any worker may be asked.
  const metrics = async () => {
    const at = new URL('/metrics', url)
    if (settings.METRICS_PORT !== undefined) at.port = settings.METRICS_PORT
    return parseExposition(await (await fetch(at, { headers: { connection: 'close' } })).text())
  }
  await untilServing(metrics, 2)
  return { gateway, url, workers, metrics, sandbox }
}

type Read = () => Promise<ReturnType<typeof parseExposition>>

/** So many workers serve, and have said so. */
const untilServing = (read: Read, count: number): Promise<void> =>
  waitUntil(async () => sumOf(await read(), 'restcomm_graphql_processes') === count, `${count} workers serve`)

interface Answer {
  readonly data?: unknown
  readonly errors?: unknown
}

/** Milliseconds. */
const PATIENCE = 10_000

const QUERY = '{ viewer { sid } }'

const ask = (url: string, agent: Agent | false, query = QUERY): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: AUTHORIZATION }
    const asked = request(url, { method: 'POST', agent, headers, timeout: PATIENCE }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('error', reject).on('end', () => resolve(JSON.parse(text) as Answer))
    })
    asked.on('timeout', () => asked.destroy(new Error('It took too long.'))).on('error', reject)
    asked.end(JSON.stringify({ query }))
  })

/** Clients that ask again as soon as they were answered: half of them by a connection each time, half keep theirs. */
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

/** The processes that have logged this. */
const loggedBy = (stderr: string, pattern: RegExp): readonly number[] => [
  ...new Set(
    linesOf(stderr)
      .filter(({ msg }) => pattern.test(msg))
      .map(({ pid }) => pid),
  ),
]

/** Run before the program, hangs in workers only. */
const HANG = `
  import cluster from 'node:cluster'
  if (cluster.isWorker) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
`

const endOf = async (gateway: MainProcess) => {
  gateway.signal('SIGTERM')
  return gateway.exited
}

describe('two workers', { timeout: 120_000 }, () => {
  it('answer on one port, say once that they do, and end with 0 under load without a request that fails', async () => {
    const { gateway, url, workers } = await begin()
    const pids = workers()
    const clients = load(url)
    await clients.more(50)
    gateway.signal('SIGTERM')
    // As a load balancer steers clients: away, as soon as one worker is not ready.
    await waitUntil(async () => (await fetch(new URL('/ready', url))).status === 503, 'it is not ready')
    await clients.stop()
    const { code, stdout, stderr } = await gateway.exited
    expect(clients.failures).toEqual([])
    expect(code).toBe(0)
    expect(stdout.match(/GraphQL/g)).toHaveLength(1)
    expect(stdout).toContain('  workers      2\n')
    expect([...loggedBy(stderr, /^operation/)].sort()).toEqual([...pids].sort())
    expect([...loggedBy(stderr, /shutdown complete/)].sort()).toEqual([...pids].sort())
    expect(pids.filter(isThere)).toEqual([])
  })

  it('one that is killed is replaced, and nothing fails but what was under way on it', async () => {
    const { gateway, url, workers, metrics } = await begin()
    const before = workers()
    const clients = load(url)
    await clients.more(50)
    const [victim = 0, other = 0] = before
    process.kill(victim, 'SIGKILL')
    await clients.more(50)
    await waitUntil(() => workers().length === 2, 'another has its place')
    expect(workers()).toContain(other)
    expect(workers()).not.toContain(victim)
    await untilServing(metrics, 2)
    await clients.more(50)
    await clients.stop()
    // Each client had one request under way at most, and those of the other worker are answered. One connection may have
    // been on its way to the victim, and stays with the primary without an answer.
    expect(clients.failures.length).toBeLessThanOrEqual(8)
    const messages = clients.failures.map(failure => (failure instanceof Error ? failure.message : String(failure)))
    const others = messages.filter(message => !/ECONNRESET|EPIPE|socket hang up/.test(message))
    expect(others.length === 0 || others).toEqual(others.length === 0 || ['It took too long.'])
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(linesOf(stderr).filter(({ msg }) => msg === 'worker ended unexpectedly')).toMatchObject([
      { pid: gateway.pid, worker: victim, signal: 'SIGKILL', restartMs: 100 },
    ])
  })

  it('are replaced one by one on SIGHUP: no request fails under load, and no subscription is refused', async () => {
    const { gateway, url, workers, metrics, sandbox } = await begin()
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
    await waitUntil(() => begun > 0, 'a subscription begins')
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all are replaced', 60_000)
    await clients.more(50)
    isOver = true
    await subscriber
    await clients.stop()
    expect(clients.failures).toEqual([])
    expect(refused).toEqual([])
    expect(workers()).toHaveLength(2)
    expect(before.filter(isThere)).toEqual([])
    // What those counted that are gone is still there.
    const { answered } = clients
    await waitUntil(
      async () => sumOf(await metrics(), 'restcomm_graphql_operations_total', { type: 'query' }) >= answered,
      'all are counted',
    )
    expect(answered).toBeGreaterThan(counted)
    const queries = sumOf(await metrics(), 'restcomm_graphql_operations_total', { type: 'query' })
    expect(queries).toBe(answered)
    expect((await endOf(gateway)).code).toBe(0)
  })

  it('are as many as before where one crashes while another is replaced', async () => {
    const { gateway, workers } = await begin()
    const [first, second] = workers()
    gateway.signal('SIGHUP')
    await waitUntil(() => workers().length === 3, 'a new one starts')
    process.kill(second ?? 0, 'SIGKILL')
    await waitUntil(() => !workers().includes(first ?? 0) && !workers().includes(second ?? 0), 'both are gone', 60_000)
    await waitUntil(() => workers().length === 2, 'there are two again')
    expect((await endOf(gateway)).code).toBe(0)
  })

  it.each([
    ['the port of the graph', false],
    ['a port of their own', true],
  ])('show their metrics as one, on %s', async (_title, isApart) => {
    const { gateway, url, metrics } = await begin(isApart ? { METRICS_PORT: String(await freePort()) } : {})
    await Promise.all(Array.from({ length: 40 }, () => ask(url, false, 'query Mine { viewer { sid } }')))
    for (const families of await Promise.all(Array.from({ length: 6 }, metrics))) {
      expect(sumOf(families, 'restcomm_graphql_operations_total', { operation: 'Mine' })).toBe(40)
    }
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(loggedBy(stderr, /^operation/)).toHaveLength(2)
  })

  it('end by themselves when the primary is killed', async () => {
    const { gateway, workers } = await begin()
    const pids = workers()
    gateway.signal('SIGKILL')
    await waitUntil(() => !pids.some(isThere), 'both are gone', 20_000)
  })

  it('end at once with the primary when it is told to a second time', async () => {
    const { gateway, workers } = await begin({ SHUTDOWN_DELAY_MS: '30000', SHUTDOWN_TIMEOUT_MS: '60000' })
    const pids = workers()
    gateway.signal('SIGTERM')
    await new Promise(resolve => setTimeout(resolve, 1_000))
    gateway.signal('SIGTERM')
    expect((await gateway.exited).code).toBe(143)
    await waitUntil(() => !pids.some(isThere), 'both are gone')
  })

  it('one that hangs at its start is killed in time: the others stay, and the next SIGHUP replaces them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workers-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'jwks.json')
    writeFileSync(file, fixture('jwks.json'))
    const { gateway, url, workers } = await begin({
      JWT_JWKS_FILE: file,
      JWT_ISSUER: 'https://id.example.com/',
      JWT_AUDIENCE: 'restcomm',
      RESTCOMM_ACCOUNT_SID: ACCOUNT,
      // No word: the schema that others print has those in it, and what a test calls a secret is looked for there.
      RESTCOMM_AUTH_TOKEN: 'f00d'.repeat(8),
      WORKER_START_TIMEOUT_MS: '10000',
    })
    const before = workers()
    // Whoever opens it waits for somebody who writes, and hears nothing until then.
    rmSync(file)
    execFileSync('mkfifo', [file])
    gateway.signal('SIGHUP')
    await waitUntil(() => workers().length === 3, 'a new one is started')
    const [hanging = 0] = workers().filter(pid => !before.includes(pid))
    await waitUntil(() => !isThere(hanging), 'it is killed', 30_000)
    await waitUntil(() => workers().length === 2, 'no other is started')
    expect([...workers()].sort()).toEqual([...before].sort())
    expect(await ask(url, false)).toEqual({ data: { viewer: { sid: ACCOUNT } } })
    rmSync(file)
    writeFileSync(file, fixture('jwks.json'))
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all are replaced', 60_000)
    const { code, stderr } = await endOf(gateway)
    expect(code).toBe(0)
    expect(
      linesOf(stderr).filter(({ pid, msg }) => pid === gateway.pid && msg !== 'rolling restart started'),
    ).toMatchObject([
      {
        worker: hanging,
        startMs: 10_000,
        msg: 'worker start timed out, killing worker',
      },
      { worker: hanging, signal: 'SIGKILL', msg: 'worker ended unexpectedly' },
      { msg: 'rolling restart stopped, because a new worker did not start' },
      { msg: 'rolling restart complete' },
    ])
  })

  it('are not tried again where the first one hangs at its start: the log says so, and exit code 1', async () => {
    const gateway = runMain([], {
      PORT: '0',
      WORKERS: '2',
      RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
      WORKER_START_TIMEOUT_MS: '500',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HANG)}`,
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

  it('are not tried again where nobody may listen: one sentence, and exit code 1', async () => {
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
