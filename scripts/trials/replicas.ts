import { setTimeout as delay } from 'node:timers/promises'
import { FaultyProxy } from './faultyProxy.ts'
import { type GatewayProcess, startGateway } from './processes.ts'
import type { Pause } from './verdict.ts'

export const POLL_INTERVAL_MS = 200
const SHARED_POLLS_TIMEOUT_MS = 60_000

export interface Replica {
  readonly index: number
  readonly gateway: GatewayProcess
  readonly redisProxy: FaultyProxy
  readonly restcommProxy: FaultyProxy
  /** Periods in which the process was suspended. */
  readonly pauses: Pause[]
  killedAtMs: number | null
}

interface ReplicaOptions {
  readonly redisUrl: string
  readonly sandboxUrl: string
  readonly settings: Readonly<Record<string, string>>
  /** Whether the replicas have the lowest priority. */
  readonly hasLowestPriority: boolean
}

/**
 * Starts replicas which reach Redis and Restcomm through their own proxies. The proxies to Restcomm have the same port
 * on different loopback addresses; see resolveRestcomm.ts.
 */
export async function startReplicas(
  count: number,
  { redisUrl, sandboxUrl, settings, hasLowestPriority }: ReplicaOptions,
  cleanUp: AsyncDisposableStack,
): Promise<readonly Replica[]> {
  const { port, pathname } = new URL(sandboxUrl)
  let restcommPort = 0
  const starting: Promise<Replica>[] = []
  for (let index = 0; index < count; index++) {
    const redisProxy = await FaultyProxy.start(Number(new URL(redisUrl).port))
    cleanUp.defer(() => redisProxy.close())
    const address = `127.0.0.${index + 2}`
    const restcommProxy = await FaultyProxy.start(Number(port), address, restcommPort)
    cleanUp.defer(() => restcommProxy.close())
    restcommPort = restcommProxy.port
    const env = {
      RESTCOMM_URL: `http://restcomm.test:${restcommPort}${pathname}`,
      TRIAL_RESTCOMM_ADDRESS: address,
      GATEWAY_SECRET: 'a gateway secret of trials with 32 characters or more',
      REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
      LIVE_POLL_INTERVAL_MS: String(POLL_INTERVAL_MS),
      ...settings,
    }
    const gateway = startGateway({ env, preload: './scripts/trials/resolveRestcomm.ts', hasLowestPriority })
    // The failure of the start is reported by the result of this function.
    cleanUp.defer(() =>
      gateway.then(
        ({ kill }) => kill(),
        () => undefined,
      ),
    )
    const pauses: Pause[] = []
    starting.push(gateway.then(gateway => ({ index, gateway, redisProxy, restcommProxy, pauses, killedAtMs: null })))
  }
  return await Promise.all(starting)
}

/** Resolves when one replica sends at least three quarters of the requests to Restcomm. */
export async function findPollingReplica(replicas: readonly Replica[]): Promise<Replica> {
  const deadlineMs = performance.now() + SHARED_POLLS_TIMEOUT_MS
  for (;;) {
    const before = await Promise.all(replicas.map(readRequestCount))
    await delay(1_000)
    const after = await Promise.all(replicas.map(readRequestCount))
    const counts = after.map((count, index) => count - (before[index] ?? 0))
    const largest = Math.max(...counts)
    const polling = replicas[counts.indexOf(largest)]
    if (polling !== undefined && largest >= 0.75 * counts.reduce((sum, count) => sum + count, 0)) return polling
    if (performance.now() > deadlineMs) {
      throw new Error(`The replicas do not share polls: they send ${counts.join(', ')} requests to Restcomm a second.`)
    }
  }
}

async function readRequestCount({ gateway }: Replica): Promise<number> {
  const response = await fetch(new URL('/metrics', gateway.url))
  const samples = (await response.text()).matchAll(/^restcomm_graphql_upstream_requests_total\{.*\} (\d+)$/gm)
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}
