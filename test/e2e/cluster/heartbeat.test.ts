import { Agent, request } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { fixture } from '../../support/fixtures.ts'
import { basic } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

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

it('a stopped worker is killed, logged and replaced, and no client waits without end', async () => {
  const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
  onTestFinished(() => sandbox.close())
  const settings = { PORT: '0', WORKERS: '2', RESTCOMM_URL: sandbox.url, SHUTDOWN_DELAY_MS: '0' }
  const gateway = runMain([], settings)
  const [, link = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const url = link.replace('localhost', '127.0.0.1')
  await gateway.waitForLog(/("msg":"serving".*){2}/s)
  const [stopped = 0, other = 0] = workerPids(gateway.pid)
  // In turn, the connections belong to each of the workers.
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  onTestFinished(() => agent.destroy())
  expect(await repeat(32, () => sendQuery(url, agent))).toEqual(Array.from({ length: 32 }, () => 200))

  process.kill(stopped, 'SIGSTOP')
  const onOpenConnections = repeat(8, () => sendQuery(url, agent))
  const onNewConnections = repeat(16, () => sendQuery(url, false))
  const [, unresponsive] = await gateway.waitForLog(/"worker":(\d+),"silentMs":10000,"msg":"worker unresponsive/)
  expect(Number(unresponsive)).toBe(stopped)
  await waitUntil(() => workerPids(gateway.pid).length === 2, 'the worker is replaced', 240_000)
  expect(workerPids(gateway.pid)).toContain(other)
  expect(workerPids(gateway.pid)).not.toContain(stopped)
  const failures = [...(await onOpenConnections), ...(await onNewConnections)].filter(result => result !== 200)
  expect(new Set(failures)).toEqual(new Set(['ECONNRESET']))
  // One new connection was passed to the stopped worker, and at most all open connections belong to the worker.
  expect(failures.length).toBeLessThanOrEqual(9)

  await gateway.waitForLog(/("msg":"serving".*){3}/s)
  expect(await repeat(32, () => sendQuery(url, false))).toEqual(Array.from({ length: 32 }, () => 200))
  gateway.signal('SIGTERM')
  expect((await gateway.exited).code).toBe(0)
}, 480_000)
