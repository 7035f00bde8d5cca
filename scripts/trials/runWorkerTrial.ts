import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { demoRows, startSandbox } from '../../src/sandbox/index.ts'
import { workerPids } from '../../test/support/workerPids.ts'
import { atExit, startGateway } from './processes.ts'
import type { TrialResult } from './results.ts'
import { AUTHORIZATION } from './subscribers.ts'

export const WORKER_TRIAL_NAME = 'worker-suspended'

const WORKERS = 2
const CLIENTS = 10
/** Each client sends a request per second. */
const REQUEST_INTERVAL_MS = 1_000 / CLIENTS
const REQUEST_TIMEOUT_MS = 2_000
const OBSERVATION_MS = 30_000
/** A worker is killed after 10 s without a heartbeat; a new worker then starts within 5 s. */
const LIMIT_MS = 15_000

/**
 * Suspends one of two workers. Each client keeps a connection, so that each worker has clients. After the limit, a new
 * worker must have replaced the suspended worker, and no request may fail.
 */
export async function runWorkerTrial(): Promise<TrialResult> {
  await using cleanUp = new AsyncDisposableStack()
  const startMs = performance.now()
  const sandbox = await startSandbox({ rows: demoRows() })
  cleanUp.defer(() => sandbox.close())
  const gateway = await startGateway({ env: { WORKERS: String(WORKERS), RESTCOMM_URL: sandbox.url } })
  cleanUp.defer(() => gateway.kill())
  while ((await countWorkers(gateway.url)) < WORKERS) await delay(100)
  const clients = Array.from({ length: CLIENTS }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  for (const client of clients) await isAnswered(gateway.url, client)

  const [suspended = 0] = workerPids(gateway.pid)
  const suspendedMs = performance.now()
  process.kill(suspended, 'SIGSTOP')
  // The workers of a killed primary end by themselves, but a suspended worker does not.
  const killSuspended = () => {
    if (workerPids(gateway.pid).includes(suspended)) process.kill(suspended, 'SIGKILL')
  }
  const forget = atExit(killSuspended)
  cleanUp.defer(() => {
    killSuspended()
    forget()
  })
  let replacedMs: number | null = null
  const requests: Promise<{ readonly sentMs: number; readonly isAnswered: boolean }>[] = []
  for (let i = 0; performance.now() - suspendedMs < OBSERVATION_MS; i++) {
    const sentMs = performance.now()
    const client = clients[i % CLIENTS]
    requests.push(isAnswered(gateway.url, client).then(isAnswered => ({ sentMs, isAnswered })))
    const pids = workerPids(gateway.pid)
    if (replacedMs === null && pids.length === WORKERS && !pids.includes(suspended)) replacedMs = performance.now()
    await delay(REQUEST_INTERVAL_MS)
  }
  const failed = (await Promise.all(requests)).filter(({ isAnswered }) => !isAnswered)
  const gapMs = Math.max(0, ...failed.map(({ sentMs }) => sentMs - suspendedMs))
  const errors = failed.filter(({ sentMs }) => sentMs - suspendedMs > LIMIT_MS).length
  const replaced = replacedMs === null ? 'never' : `after ${((replacedMs - suspendedMs) / 1_000).toFixed(1)} s`
  return {
    name: WORKER_TRIAL_NAME,
    isPassed: errors === 0 && replacedMs !== null && replacedMs - suspendedMs <= LIMIT_MS,
    subscribers: CLIENTS,
    events: requests.length,
    gapMs,
    limitMs: LIMIT_MS,
    lost: failed.length,
    doubled: 0,
    errors,
    durationMs: performance.now() - startMs,
    report: [
      `${failed.length} of ${requests.length} requests were not answered within ${REQUEST_TIMEOUT_MS} ms`,
      `the suspended worker was replaced: ${replaced}`,
      ...gateway.log.map(line => `log: ${line}`),
    ],
  }
}

/** Number of serving workers. */
async function countWorkers(url: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', url))).text()
  return Number(/^restcomm_graphql_processes (\d+)$/m.exec(metrics)?.[1])
}

function isAnswered(url: string, agent?: Agent): Promise<boolean> {
  return new Promise(resolve => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', authorization: AUTHORIZATION },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    sent.on('response', response => {
      response.resume().on('end', () => resolve(response.statusCode === 200))
    })
    sent.on('error', () => resolve(false))
    sent.end('{"query":"{ viewer { sid } }"}')
  })
}
