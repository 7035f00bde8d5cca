import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { demoRows, startSandbox } from '../../src/sandbox/index.ts'
import { type RedisServer, startRedis } from '../../test/support/startRedis.ts'
import { Changes } from './changes.ts'
import { atExit, temporaryFolder } from './processes.ts'
import { findPollingReplica, POLL_INTERVAL_MS, type Replica, startReplicas } from './replicas.ts'
import type { TrialResult } from './results.ts'
import { type Subscriber, subscribeAll } from './subscribers.ts'
import { judge } from './verdict.ts'

const CHANGES_BEFORE_MS = 3_000
const CHANGES_AFTER_MS = 10_000
const SETTLE_TIMEOUT_MS = 30_000
/** Time for late, doubled events after all subscribers are up to date. */
const QUIET_MS = 3_000
const SHOWN_PROBLEMS = 20
const SHOWN_LOG_LINES = 15

export interface ReplicaTrial {
  readonly name: string
  /** Longest permitted time between a change and the arrival at the last subscriber, without one poll interval. */
  readonly limitMs: number
  /** Number of subscribers per replica. The first replica polls before the other replicas have subscribers. */
  readonly subscribers: readonly number[]
  /** Whether the replicas have the lowest priority. Default: false. */
  readonly hasLowestPriority?: boolean
  /** Time after the last change until all subscribers must be up to date. */
  readonly settleTimeoutMs?: number
  readonly settings?: Readonly<Record<string, string>>
  disturb(stage: Stage): Promise<void>
}

/** The parts of a trial which a disturbance can change. */
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

/** Times and texts for the report of a trial. */
type Note = readonly [atMs: number, text: string]

/** Runs three replicas under a stream of changes, disturbs them, and judges the events of all subscribers. */
export async function runReplicaTrial(trial: ReplicaTrial): Promise<TrialResult> {
  await using cleanUp = new AsyncDisposableStack()
  const startMs = performance.now()
  const sandbox = await startSandbox({ rows: demoRows() })
  cleanUp.defer(() => sandbox.close())
  const redisFolder = temporaryFolder()
  const redis = await startRedis(redisFolder)
  const forgetRedis = atExit(() => void redis.kill())
  cleanUp.defer(() => redis.kill().then(forgetRedis))
  const redisClient = new Redis(redis.url)
  redisClient.on('error', () => undefined)
  cleanUp.defer(() => redisClient.disconnect())
  const { subscribers: counts, settings = {}, hasLowestPriority = false, settleTimeoutMs = SETTLE_TIMEOUT_MS } = trial
  const options = { redisUrl: redis.url, sandboxUrl: sandbox.url, settings, hasLowestPriority }
  const replicas = await startReplicas(counts.length, options, cleanUp)
  const changes = new Changes(sandbox)
  const subscribers = await subscribeAll(replicas, counts, changes)

  const notes: Note[] = []
  const note = (text: string) => notes.push([performance.now(), text])
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  changes.start()
  cleanUp.defer(() => changes.stop())
  await delay(CHANGES_BEFORE_MS)
  const pollingReplica = await findPollingReplica(replicas)
  const disturbedMs = performance.now()
  note(`replica ${pollingReplica.index} polls; the disturbance begins`)
  await trial.disturb({ replicas, pollingReplica, redis, redisFolder, redisClient })
  note('the disturbance ends')
  await delay(CHANGES_AFTER_MS)
  changes.stop()
  note('the changes end')
  const connected = subscribers.filter(({ replica }) => replica.killedAtMs === null)
  const deadlineMs = performance.now() + settleTimeoutMs
  while (performance.now() < deadlineMs && !connected.every(({ isUpToDate }) => isUpToDate)) await delay(250)
  note(`${connected.filter(({ isUpToDate }) => isUpToDate).length} of ${connected.length} subscribers are up to date`)
  await delay(QUIET_MS)
  note(`the longest pause of the measuring process was ${(lag.max / 1e9).toFixed(2)} s`)
  lag.disable()

  return summarize(trial, replicas, subscribers, notes, { startMs, disturbedMs, endMs: performance.now() })
}

interface Times {
  readonly startMs: number
  readonly disturbedMs: number
  readonly endMs: number
}

function summarize(
  { name, limitMs }: ReplicaTrial,
  replicas: readonly Replica[],
  subscribers: readonly Subscriber[],
  notes: readonly Note[],
  { startMs, disturbedMs, endMs }: Times,
): TrialResult {
  const verdicts = subscribers.map(subscriber => {
    const { replica, timeline, events, errors } = subscriber
    const { killedAtMs, pauses } = replica
    const verdict = judge(timeline, events, { endMs, isCutShort: killedAtMs !== null, pauses })
    const isUnexpected = ({ atMs }: { readonly atMs: number }) => killedAtMs === null || atMs < killedAtMs
    return { ...verdict, replica, errors: errors.filter(isUnexpected) }
  })
  const faults = verdicts.flatMap(({ faults, replica }) => faults.map(fault => ({ ...fault, replica })))
  const errors = verdicts.flatMap(({ errors, replica }) => errors.map(error => ({ ...error, replica })))
  const slowest = verdicts.toSorted((a, b) => b.gapMs - a.gapMs)[0]
  const gapMs = Math.max(0, (slowest?.gapMs ?? 0) - POLL_INTERVAL_MS)

  const gapsPerReplica = replicas.map(({ index }) => {
    const gaps = verdicts.filter(({ replica }) => replica.index === index).map(verdict => verdict.gapMs)
    return (Math.max(0, ...gaps) / 1_000).toFixed(1)
  })
  const problems: readonly Note[] = [
    ...faults.map(({ kind, atMs, detail, replica }) => [atMs, `replica ${replica.index}: ${kind}: ${detail}`] as const),
    ...errors.map(({ atMs, message, replica }) => [atMs, `replica ${replica.index}: error: ${message}`] as const),
  ]
  const logs = replicas.flatMap(({ index, gateway }) =>
    gateway.log.slice(-SHOWN_LOG_LINES).map(line => `log of replica ${index}: ${line}`),
  )
  const timed = (lines: readonly Note[]) =>
    lines
      .toSorted(([a], [b]) => a - b)
      .map(([atMs, text]) => `${((atMs - disturbedMs) / 1_000).toFixed(1).padStart(6)} s: ${text}`)
  return {
    name,
    isPassed: faults.length === 0 && errors.length === 0 && gapMs <= limitMs,
    subscribers: subscribers.length,
    events: subscribers.reduce((sum, { events }) => sum + events.length, 0),
    gapMs,
    limitMs,
    lost: faults.filter(({ kind }) => kind !== 'doubled').length,
    doubled: faults.filter(({ kind }) => kind === 'doubled').length,
    errors: errors.length,
    durationMs: endMs - startMs,
    report: [
      `longest gaps of the replicas: ${gapsPerReplica.join(', ')} s`,
      ...timed([...notes, [slowest?.gapSinceMs ?? 0, 'the change with the longest gap']]),
      ...timed(withoutRepetitions(problems)).slice(0, SHOWN_PROBLEMS),
      ...logs,
    ],
  }
}

/** Keeps the first of equal texts, with the number of occurrences. */
function withoutRepetitions(notes: readonly Note[]): readonly Note[] {
  const groups = [...Map.groupBy(notes, ([, text]) => text)]
  return groups.map(([text, equal]) => [Math.min(...equal.map(([atMs]) => atMs)), `${text} (${equal.length} times)`])
}
