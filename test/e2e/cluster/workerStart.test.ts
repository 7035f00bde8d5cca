import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { parseExposition, sumOf } from '../../support/exposition.ts'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

/** How long the second worker is kept in the middle of its start. Milliseconds. */
const LATE = 1_500

/** Before the program of the second worker. */
const inSecondWorker = (code: string): string => {
  const text = `import cluster from 'node:cluster'
    import { Server } from 'node:net'
    if (cluster.worker?.id === 2) { ${code} }`
  return `--import=data:text/javascript,${encodeURIComponent(text)}`
}

/** It hears nothing for a while, and then all at once, with the start still ahead. */
const DEAF = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${LATE})`

/** It hears at once what it is told, and nobody listens to that yet. */
const INATTENTIVE = `await new Promise(resolve => setTimeout(resolve, ${LATE}))`

/** It listens for metrics at once, and for the graph later. */
const LATE_FOR_THE_GRAPH = `
  const { listen } = Server.prototype
  let calls = 0
  Server.prototype.listen = function (...args) {
    if (calls++ === 0) return listen.apply(this, args)
    setTimeout(() => listen.apply(this, args), ${LATE})
    return this
  }`

/** Two workers, once the first one serves and the second one has begun to start. */
const begin = async (code: string, settings: Readonly<Record<string, string>>) => {
  const NODE_OPTIONS = inSecondWorker(code)
  const restcomm = 'http://127.0.0.1:9/restcomm'
  const gateway = runMain([], { PORT: '0', WORKERS: '2', RESTCOMM_URL: restcomm, NODE_OPTIONS, ...settings })
  await gateway.waitForOutput(/GraphQL\s+http/)
  // What the first one prints may be read before the primary hears that it serves.
  await waitUntil(() => workerPids(gateway.pid).length === 2, 'the second one starts')
  return gateway
}

it.each([
  ['hears nothing', DEAF],
  ['does not listen', INATTENTIVE],
])(
  'a worker that is told to end while it starts and %s ends once it has',
  { timeout: 60_000 },
  async (_title, code) => {
    const gateway = await begin(code, { SHUTDOWN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '30000' })
    gateway.signal('SIGTERM')
    const { code: exitCode, stderr } = await gateway.exited
    expect(exitCode).toBe(0)
    expect(stderr.match(/shutdown complete/g)).toHaveLength(2)
    expect(stderr).not.toContain('shutdown timed out')
  },
)

it('SIGHUP while the first worker starts replaces it once it serves', { timeout: 120_000 }, async () => {
  const gateway = runMain([], {
    PORT: '0',
    WORKERS: '2',
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
  })
  const workers = () => workerPids(gateway.pid)
  await waitUntil(() => workers().length === 1, 'the first one starts')
  const [first = 0] = workers()
  gateway.signal('SIGHUP')
  await gateway.waitForOutput(/GraphQL\s+http/)
  await waitUntil(() => !workers().includes(first), 'it is replaced', 60_000)
  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.exited
  expect(code).toBe(0)
  expect(stderr).toContain('rolling restart started')
})

it('a worker that listens for metrics, and not yet for the graph, shows them', { timeout: 60_000 }, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  const gateway = await begin(LATE_FOR_THE_GRAPH, { METRICS_PORT: String(port), SHUTDOWN_DELAY_MS: '0' })
  const statuses = new Set<number>()
  const shown = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
    statuses.add(response.status)
    const text = await response.text()
    return response.ok ? sumOf(parseExposition(text), 'restcomm_graphql_processes') : 0
  }
  await waitUntil(async () => (await shown()) === 2, 'both serve', 30_000)
  expect([...statuses]).toEqual([200])
  gateway.signal('SIGTERM')
  expect((await gateway.exited).code).toBe(0)
})
