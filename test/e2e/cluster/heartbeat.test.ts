import { Agent, request } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { fixture } from '../../support/fixtures.ts'
import { basic } from '../../support/gateway.ts'
import { startCluster } from '../../support/startCluster.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { isRunning } from '../../support/workerPids.ts'

/** Resolves to the HTTP status, or to the code of the connection error. */
const sendQuery = (url: string, agent: Agent | false): Promise<number | string> =>
  new Promise(resolve => {
    const headers = { 'content-type': 'application/json', authorization: basic('part') }
    const query = request(url, { method: 'POST', agent, headers }, response => {
      response.resume().on('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 'incomplete'))
    })
    query.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    query.end(JSON.stringify({ query: '{ viewer { sid } }' }))
  })

const repeat = <T>(count: number, send: () => Promise<T>) => Promise.all(Array.from({ length: count }, send))

it('a stopped worker is killed, logged and replaced, no client waits without end, and all workers end with the primary', async () => {
  const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
  onTestFinished(() => sandbox.close())
  const { gateway, url, workers, waitForReplacement } = await startCluster({ RESTCOMM_URL: sandbox.url })
  const [stopped = 0, other = 0] = workers()
  // In turn, the connections belong to each of the workers.
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  onTestFinished(() => agent.destroy())
  expect(await repeat(32, () => sendQuery(url, agent))).toEqual(Array.from({ length: 32 }, () => 200))

  process.kill(stopped, 'SIGSTOP')
  const onOpenConnections = repeat(8, () => sendQuery(url, agent))
  const onNewConnections = repeat(16, () => sendQuery(url, false))
  const [, unresponsive] = await gateway.waitForLog(/"worker":(\d+),"silentMs":10000,"msg":"worker unresponsive/)
  expect(Number(unresponsive)).toBe(stopped)
  // The worker has not confirmed a connection, so Node emits no `disconnect`. The metrics must not count the worker.
  await waitForReplacement([stopped])
  expect(workers()).toContain(other)
  const failures = [...(await onOpenConnections), ...(await onNewConnections)].filter(result => result !== 200)
  expect(new Set(failures)).toEqual(new Set(['ECONNRESET']))
  // One new connection was passed to the stopped worker, and at most all open connections belong to the worker.
  expect(failures.length).toBeLessThanOrEqual(9)
  expect(await repeat(32, () => sendQuery(url, false))).toEqual(Array.from({ length: 32 }, () => 200))

  const pids = workers()
  gateway.signal('SIGKILL')
  await waitUntil(() => !pids.some(isRunning), 'both workers have ended', 240_000)
}, 480_000)
