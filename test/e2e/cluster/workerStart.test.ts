import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { parseExposition, sumOf } from '../../support/exposition.ts'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

/** Duration by which the start of the second worker is extended. */
const DELAY_MS = 1_500

/** Returns the Node option which runs `code` in the second worker before the program. */
const inSecondWorker = (code: string): string => {
  const text = `import cluster from 'node:cluster'
    import { Server } from 'node:net'
    if (cluster.worker?.id === 2) { ${code} }`
  return `--import=data:text/javascript,${encodeURIComponent(text)}`
}

/** Blocks the event loop before the start, so that messages arrive late and together. */
const BLOCKED = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${DELAY_MS})`

/** Messages arrive before a listener is registered. */
const WITHOUT_LISTENER = `await new Promise(resolve => setTimeout(resolve, ${DELAY_MS}))`

/** Listens at the metrics port first, and later at the GraphQL port. */
const METRICS_FIRST = `
  const { listen } = Server.prototype
  let calls = 0
  Server.prototype.listen = function (...args) {
    if (calls++ === 0) return listen.apply(this, args)
    setTimeout(() => listen.apply(this, args), ${DELAY_MS})
    return this
  }`

/** Starts two workers. Resolves when the first worker serves and the second worker is starting. */
const startGateway = async (code: string, settings: Readonly<Record<string, string>>) => {
  const NODE_OPTIONS = inSecondWorker(code)
  const restcomm = 'http://127.0.0.1:9/restcomm'
  const gateway = runMain([], { PORT: '0', WORKERS: '2', RESTCOMM_URL: restcomm, NODE_OPTIONS, ...settings })
  await gateway.waitForOutput(/GraphQL\s+http/)
  // The start-up lines can arrive before the primary starts the second worker.
  await waitUntil(() => workerPids(gateway.pid).length === 2, 'the second worker starts', 240_000)
  return gateway
}

it.each([
  ['the event loop is blocked', BLOCKED],
  ['no listener is registered', WITHOUT_LISTENER],
])(
  'a worker receives a shutdown request during its start, while %s, and shuts down after the start',
  { timeout: 480_000 },
  async (_title, code) => {
    const gateway = await startGateway(code, { SHUTDOWN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '30000' })
    gateway.signal('SIGTERM')
    const { code: exitCode, stderr } = await gateway.exited
    expect(exitCode).toBe(0)
    expect(stderr.match(/shutdown complete/g)).toHaveLength(2)
    expect(stderr).not.toContain('shutdown timed out')
  },
)

it('SIGHUP during the start of the first worker replaces the worker after the start', {
  timeout: 480_000,
}, async () => {
  const gateway = runMain([], {
    PORT: '0',
    WORKERS: '2',
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
  })
  const workers = () => workerPids(gateway.pid)
  await waitUntil(() => workers().length === 1, 'the first worker starts', 240_000)
  const [first = 0] = workers()
  gateway.signal('SIGHUP')
  await gateway.waitForOutput(/GraphQL\s+http/)
  await waitUntil(() => !workers().includes(first), 'the first worker is replaced', 240_000)
  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.exited
  expect(code).toBe(0)
  expect(stderr).toContain('rolling restart started')
})

it('a worker which does not listen at the GraphQL port yet serves the metrics of the other worker', {
  timeout: 480_000,
}, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  const gateway = await startGateway(METRICS_FIRST, { METRICS_PORT: String(port), SHUTDOWN_DELAY_MS: '0' })
  const statuses = new Set<number>()
  const shown = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
    statuses.add(response.status)
    const text = await response.text()
    return response.ok ? sumOf(parseExposition(text), 'restcomm_graphql_processes') : 0
  }
  await waitUntil(async () => (await shown()) === 2, 'both workers serve', 240_000)
  expect([...statuses]).toEqual([200])
  gateway.signal('SIGTERM')
  expect((await gateway.exited).code).toBe(0)
})
