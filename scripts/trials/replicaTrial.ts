import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { demoRows, startSandbox } from '../../src/sandbox/index.ts'
import { type RedisServer, startRedis } from '../../test/support/startRedis.ts'
import { Changes } from './changes.ts'
import { FaultyProxy } from './faultyProxy.ts'
import { atExit, type GatewayProcess, startBusyLoop, startGateway, temporaryFolder } from './processes.ts'
import type { TrialResult } from './results.ts'
import { type Subscriber, subscribe } from './subscribers.ts'
import { judge, type Pause, type Verdict } from './verdict.ts'

export const POLL_INTERVAL_MS = 200
const CHANGES_BEFORE_MS = 3_000
const CHANGES_AFTER_MS = 10_000
/** Time for late, doubled events after all subscribers are up to date. */
const QUIET_MS = 3_000
/** Every fifth subscriber watches the account; the rest watch the conferences in turn. */
const ACCOUNT_SHARE = 5
const SHOWN_PROBLEMS = 8
const SHOWN_LOG_LINES = 15

export interface ReplicaTrial {
  readonly name: string
  readonly description: string
  /** Longest permitted time between a change and the arrival at the last subscriber. */
  readonly limitMs: number
  /** Subscribers per replica. The first replica starts to poll before the other replicas have subscribers. */
  readonly subscribers: readonly number[]
  /** The replicas have the lowest priority, beside two processes which use all CPU time. */
  readonly isStarved?: boolean
  /** Time until all subscribers must be up to date after the last change. Default 30 s. */
  readonly settleMs?: number
  readonly settings?: Readonly<Record<string, string>>
  disturb(stage: Stage): Promise<void>
}

export interface Replica {
  readonly index: number
  readonly gateway: GatewayProcess
  readonly redisProxy: FaultyProxy
  readonly restcommProxy: FaultyProxy
  /** Periods in which the process was suspended. */
  readonly pauses: Pause[]
  killedAtMs: number | null
}

/** The processes of a trial. */
export interface Stage {
  readonly replicas: readonly Replica[]
  /** Replica which polls Restcomm for all replicas. */
  readonly pollingReplica: Replica
  readonly redis: RedisServer
  /** Folder from which Redis loads `dump.rdb` at the start. */
  readonly redisFolder: string
  /** Client without a proxy. */
  readonly redisClient: Redis
}

export async function runReplicaTrial(trial: ReplicaTrial): Promise<TrialResult> {
  await using cleanUp = new AsyncDisposableStack()
  const startMs = performance.now()
  const notes: { readonly atMs: number; readonly text: string }[] = []
  const note = (text: string) => notes.push({ atMs: performance.now(), text })

  const sandbox = await startSandbox({ rows: demoRows() })
  cleanUp.defer(() => sandbox.close())
  const redisFolder = temporaryFolder()
  const redis = await startRedis(redisFolder)
  const forgetRedis = atExit(() => void redis.kill())
  cleanUp.defer(() => redis.kill().then(forgetRedis))
  const redisClient = new Redis(redis.url)
  redisClient.on('error', () => undefined)
  cleanUp.defer(() => redisClient.disconnect())
  const changes = new Changes(sandbox)
  cleanUp.defer(() => changes.stop())
  if (trial.isStarved) for (let core = 0; core < 2; core++) cleanUp.defer(startBusyLoop())
  const replicas = await startReplicas(trial, redis.url, sandbox.url, cleanUp)

  const subscribers = await subscribeAll(trial, replicas, changes)
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  changes.start()
  await delay(CHANGES_BEFORE_MS)
  const pollingReplica = await findPollingReplica(replicas)
  const disturbedMs = performance.now()
  note(`replica ${pollingReplica.index} polls`)
  await trial.disturb({ replicas, pollingReplica, redis, redisFolder, redisClient })
  note('the disturbance ends')
  await delay(CHANGES_AFTER_MS)
  changes.stop()
  note('the changes end')
  const isConnected = ({ replica }: Subscriber) => replicas[replica]?.killedAtMs === null
  const live = subscribers.filter(isConnected)
  const deadlineMs = performance.now() + (trial.settleMs ?? 30_000)
  while (performance.now() < deadlineMs && !live.every(({ isUpToDate }) => isUpToDate)) await delay(250)
  note(`${live.filter(({ isUpToDate }) => isUpToDate).length} of ${live.length} subscribers are up to date`)
  await delay(QUIET_MS)
  const endMs = performance.now()
  lag.disable()

  const verdicts = subscribers.map(subscriber => ({
    subscriber,
    verdict: judgeSubscriber(subscriber, replicas, endMs),
    errors: subscriber.errors.filter(({ atMs }) => isConnected(subscriber) || atMs < disturbedMs),
  }))
  const count = (kind: string) =>
    verdicts.reduce((sum, { verdict }) => sum + verdict.faults.filter(fault => fault.kind === kind).length, 0)
  const longest = verdicts.toSorted((a, b) => b.verdict.gapMs - a.verdict.gapMs)[0]
  const gapMs = longest?.verdict.gapMs ?? 0
  const lost = count('lost') + count('older')
  const doubled = count('doubled')
  const errors = verdicts.reduce((sum, each) => sum + each.errors.length, 0)
  const seconds = (atMs: number) => `${((atMs - disturbedMs) / 1_000).toFixed(1)} s`
  const gapPerReplica = replicas.map(({ index }) => {
    const gaps = verdicts.filter(({ subscriber }) => subscriber.replica === index).map(({ verdict }) => verdict.gapMs)
    return (Math.max(0, ...gaps) / 1_000).toFixed(1)
  })
  const problems = verdicts.flatMap(({ subscriber, verdict, errors }) => [
    ...verdict.faults.map(({ kind, atMs, detail }) => ({ atMs, text: `${kind}: ${detail}`, subscriber })),
    ...errors.map(({ atMs, message }) => ({ atMs, text: `error: ${message}`, subscriber })),
  ])
  return {
    name: trial.name,
    isPassed: lost === 0 && doubled === 0 && errors === 0 && gapMs <= trial.limitMs,
    subscribers: subscribers.length,
    events: subscribers.reduce((sum, { events }) => sum + events.length, 0),
    gapMs,
    limitMs: trial.limitMs,
    lost,
    doubled,
    errors,
    durationMs: performance.now() - startMs,
    report: [
      `seconds count from the disturbance; longest gap per replica: ${gapPerReplica.join(', ')}`,
      `longest gap: the change at ${seconds(longest?.verdict.gapSinceMs ?? 0)}, replica ${longest?.subscriber.replica}`,
      `longest pause of the measuring process: ${(lag.max / 1e9).toFixed(2)} s`,
      ...notes.map(({ atMs, text }) => `${seconds(atMs)}: ${text}`),
      ...problems
        .toSorted((a, b) => a.atMs - b.atMs)
        .slice(0, SHOWN_PROBLEMS)
        .map(({ atMs, text, subscriber }) => `${seconds(atMs)}: replica ${subscriber.replica}, ${text}`),
      ...replicas.flatMap(({ index, gateway }) =>
        gateway.log.slice(-SHOWN_LOG_LINES).map(line => `log of replica ${index}: ${line}`),
      ),
    ],
  }
}

/**
 * Each replica reaches Redis and Restcomm through its own proxies. The proxies to Restcomm have the same port on
 * different loopback addresses; see resolveRestcomm.ts.
 */
async function startReplicas(
  { subscribers, settings, isStarved }: ReplicaTrial,
  redisUrl: string,
  sandboxUrl: string,
  cleanUp: AsyncDisposableStack,
): Promise<readonly Replica[]> {
  const { port, pathname } = new URL(sandboxUrl)
  let restcommPort = 0
  const starting: Promise<Replica>[] = []
  for (const index of subscribers.keys()) {
    const redisProxy = await FaultyProxy.start(Number(new URL(redisUrl).port))
    cleanUp.defer(() => redisProxy.close())
    const address = `127.0.0.${index + 2}`
    const restcommProxy = await FaultyProxy.start(Number(port), address, restcommPort)
    cleanUp.defer(() => restcommProxy.close())
    restcommPort = restcommProxy.port
    const env = {
      RESTCOMM_URL: `http://restcomm.test:${restcommPort}${pathname}`,
      TRIAL_RESTCOMM_ADDRESS: address,
      REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
      LIVE_POLL_INTERVAL_MS: String(POLL_INTERVAL_MS),
      ...settings,
    }
    const gateway = startGateway({ env, preload: './scripts/trials/resolveRestcomm.ts', isStarved })
    cleanUp.defer(() => gateway.then(({ kill }) => kill()))
    const pauses: Pause[] = []
    starting.push(gateway.then(gateway => ({ index, gateway, redisProxy, restcommProxy, pauses, killedAtMs: null })))
  }
  return await Promise.all(starting)
}

/** Resolves when every subscriber receives events. */
async function subscribeAll(
  { subscribers: counts }: ReplicaTrial,
  replicas: readonly Replica[],
  { conferences, account }: Changes,
): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = []
  for (const { index, gateway } of replicas) {
    const resources = Array.from({ length: counts[index] ?? 0 }, (_, i) =>
      i % ACCOUNT_SHARE === 0 ? account : (conferences[i % conferences.length] ?? account),
    )
    const added = subscribe(gateway.url, index, resources)
    await waitFor(() => added.every(({ isUpToDate, resource }) => resource === account || isUpToDate))
    subscribers.push(...added)
  }
  const ofAccount = subscribers.filter(({ resource }) => resource === account)
  // An account subscription has no snapshot. The first event shows that the subscription is active.
  while (ofAccount.some(({ events }) => events.length === 0)) {
    account.startConference()
    await delay(1_000)
  }
  const lastSid = account.startConference()
  await waitFor(() => ofAccount.every(subscriber => subscriber.hasKey(lastSid)))
  for (const subscriber of ofAccount) subscriber.restartFrom(account.state)
  return subscribers
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 120_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('Not every subscriber received the first events within 120 s.')
    await delay(20)
  }
}

/** Resolves when one replica sends at least three quarters of the requests to Restcomm. */
async function findPollingReplica(replicas: readonly Replica[]): Promise<Replica> {
  const deadlineMs = performance.now() + 60_000
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

function judgeSubscriber(subscriber: Subscriber, replicas: readonly Replica[], endMs: number): Verdict {
  const { replica, timeline, events, initialState } = subscriber
  const { killedAtMs = null, pauses = [] } = replicas[replica] ?? {}
  return judge(timeline, events, { initial: initialState, endMs, isCutShort: killedAtMs !== null, pauses })
}
