import cluster, { type Worker } from 'node:cluster'
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { type MetricsMessage, PrimaryMetrics } from '../observability/metrics/clusterMetrics.ts'
import type { Heartbeat, ShutdownRequest } from './connectToPrimary.ts'
import type { ShutdownReason } from './shutdown.ts'

interface WorkerPoolOptions {
  readonly size: number
  /** Maximum time from the start of a worker until the worker serves. */
  readonly startTimeoutMs: number
  readonly log: Logger
}

interface Member {
  readonly worker: Worker
  isServing: boolean
  /** Time since the last message of the worker, without the time for which the worker waited for a CPU. */
  silentMs: number
  /** Total time for which the worker has waited for a CPU, at the last check. */
  cpuWaitMs: number
  /** Null unless the worker was asked to shut down. */
  shutdownReason: ShutdownReason | null
}

/** A serving worker which sends no heartbeat for the time is killed. */
const HEARTBEAT_TIMEOUT_MS = 10_000
const HEARTBEAT_CHECK_INTERVAL_MS = 1_000
const MIN_RESTART_DELAY_MS = 100
const MAX_RESTART_DELAY_MS = 10_000
/** If a worker has lived for the time, the restart delay does not grow. */
const STABLE_AFTER_MS = 10_000

/** Worker processes of the primary. Replaces workers which end, do not start in time, or no longer respond. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #members = new Set<Member>()
  readonly #metrics = new PrimaryMetrics()
  readonly #allEnded = Promise.withResolvers<void>()
  #heartbeatsCheckedAt = performance.now()
  #restartDelayMs = 0
  #restartTimer: NodeJS.Timeout | undefined
  #lastRestart: Promise<void>
  #isRestartWaiting = false
  #isShuttingDown = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#lastRestart = this.#start()
    setInterval(() => this.#checkHeartbeats(), HEARTBEAT_CHECK_INTERVAL_MS).unref()
    process.on('exit', () => {
      for (const { worker } of this.#members) worker.process.kill('SIGKILL')
    })
  }

  /** Resolves when all workers have ended. */
  shutDown(reason: ShutdownReason): Promise<void> {
    this.#isShuttingDown = true
    clearTimeout(this.#restartTimer)
    for (const member of this.#members) requestShutdown(member, reason)
    if (this.#members.size === 0) this.#allEnded.resolve()
    return this.#allEnded.promise
  }

  /**
   * Rolling restart: replaces each worker by a new worker, which serves before the old worker shuts down. If a new
   * worker does not start, the remaining old workers stay. Waits for a start or restart in progress.
   */
  restart(): void {
    if (this.#isRestartWaiting) return
    this.#isRestartWaiting = true
    this.#lastRestart = this.#lastRestart.then(() => {
      this.#isRestartWaiting = false
      return this.#replaceWorkers()
    })
  }

  /** The first worker starts alone, so that a problem of all workers is reported only once. */
  async #start(): Promise<void> {
    if (await this.#startWorker()) this.#startMissingWorkers()
    else if (!this.#isShuttingDown) process.exit(1)
  }

  async #replaceWorkers(): Promise<void> {
    const { log } = this.#options
    log.info('rolling restart started')
    for (const old of this.#activeMembers()) {
      if (!this.#members.has(old)) continue
      const isReplaced = await this.#startWorker()
      if (this.#isShuttingDown) return
      if (!isReplaced) return log.error('rolling restart stopped, because a new worker did not start')
      requestShutdown(old, 'replaced')
      // A worker which ended during the replacement was not missing, because of the additional worker.
      if (this.#restartTimer === undefined) this.#startMissingWorkers()
    }
    log.info('rolling restart complete')
  }

  #startMissingWorkers(): void {
    if (this.#isShuttingDown) return
    const missing = this.#options.size - this.#activeMembers().length
    for (let i = 0; i < missing; i++) void this.#startWorker()
  }

  /** The members which were not asked to shut down. */
  #activeMembers(): readonly Member[] {
    return [...this.#members].filter(({ shutdownReason }) => shutdownReason === null)
  }

  /** Resolves to true when the worker serves, and to false if the worker ends before or cannot be started. */
  #startWorker(): Promise<boolean> {
    const { log, startTimeoutMs } = this.#options
    const { promise, resolve } = Promise.withResolvers<boolean>()
    let worker: Worker
    try {
      worker = cluster.fork()
    } catch (error) {
      this.#restartLater(0, { err: error }, 'worker start failed')
      return Promise.resolve(false)
    }
    const startedAt = performance.now()
    const member: Member = { worker, isServing: false, silentMs: 0, cpuWaitMs: 0, shutdownReason: null }
    this.#members.add(member)
    this.#metrics.add(worker)
    emitMissingDisconnect(worker)
    const startTimer = setTimeout(() => {
      log.error({ worker: worker.process.pid, startMs: startTimeoutMs }, 'worker start timed out, killing worker')
      worker.process.kill('SIGKILL')
    }, startTimeoutMs)
    worker.on('message', (message: Heartbeat | MetricsMessage) => {
      member.silentMs = 0
      if (message.kind !== 'heartbeat' || member.isServing) return
      clearTimeout(startTimer)
      member.isServing = true
      if (member.shutdownReason !== null) requestShutdown(member, member.shutdownReason)
      resolve(true)
    })
    const onEnd = (): void => {
      clearTimeout(startTimer)
      this.#members.delete(member)
      if (this.#isShuttingDown && this.#members.size === 0) this.#allEnded.resolve()
      resolve(false)
    }
    worker.once('exit', (code, signal) => {
      onEnd()
      // If the first worker does not start, the worker has written the reason.
      if (member.shutdownReason !== null || (worker.id === 1 && !member.isServing)) return
      const fields = { worker: worker.process.pid, code, signal }
      this.#restartLater(performance.now() - startedAt, fields, 'worker ended unexpectedly')
    })
    worker.on('error', error => {
      // A worker which was started also emits `exit`.
      if (worker.process.pid !== undefined) return
      onEnd()
      this.#restartLater(0, { err: error }, 'worker start failed')
    })
    return promise
  }

  #checkHeartbeats(): void {
    const sinceLastCheckMs = performance.now() - this.#heartbeatsCheckedAt
    this.#heartbeatsCheckedAt = performance.now()
    // After a pause of the primary, heartbeats may wait to be read.
    if (sinceLastCheckMs > 2 * HEARTBEAT_CHECK_INTERVAL_MS) return
    for (const member of this.#members) {
      const { pid = 0 } = member.worker.process
      const cpuWaitMs = readCpuWaitMs(pid)
      member.silentMs = Math.max(0, member.silentMs + sinceLastCheckMs - (cpuWaitMs - member.cpuWaitMs))
      member.cpuWaitMs = cpuWaitMs
      if (!member.isServing || member.silentMs < HEARTBEAT_TIMEOUT_MS) continue
      member.silentMs = 0
      this.#options.log.error({ worker: pid, silentMs: HEARTBEAT_TIMEOUT_MS }, 'worker unresponsive, killing worker')
      member.worker.process.kill('SIGKILL')
    }
  }

  /** Workers which end during the delay are restarted together. */
  #restartLater(livedMs: number, fields: object, event: string): void {
    if (this.#isShuttingDown) return
    if (this.#restartTimer === undefined) {
      this.#restartDelayMs = nextRestartDelayMs(this.#restartDelayMs, livedMs)
      this.#restartTimer = setTimeout(() => {
        this.#restartTimer = undefined
        this.#startMissingWorkers()
      }, this.#restartDelayMs)
    }
    this.#options.log.error({ ...fields, restartMs: this.#restartDelayMs }, event)
  }
}

/** Doubles the delay while workers end soon after the start, so that a failing program does not occupy a core. */
export function nextRestartDelayMs(previousMs: number, livedMs: number): number {
  if (previousMs === 0 || livedMs >= STABLE_AFTER_MS) return MIN_RESTART_DELAY_MS
  return Math.min(MAX_RESTART_DELAY_MS, 2 * previousMs)
}

/**
 * Returns the time for which the event loop was ready to run but had no CPU, because a busy machine must not cost a
 * worker its life. Always 0 without the scheduler statistics of Linux.
 */
function readCpuWaitMs(pid: number): number {
  try {
    const [, waitNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(waitNs) / 1e6
  } catch {
    return 0
  }
}

/** A starting worker receives the request after the first heartbeat. */
function requestShutdown(member: Member, reason: ShutdownReason): void {
  member.shutdownReason = reason
  if (member.isServing) member.worker.send({ kind: 'shut down', reason } satisfies ShutdownRequest, () => undefined)
}

/**
 * Completes the end of a worker which has not confirmed a connection. Node would keep the connection open, so that the
 * client would wait for a response. Node would also emit no `disconnect`, so that the metrics would count the worker
 * for ever.
 */
function emitMissingDisconnect({ process: child }: Worker): void {
  const unconfirmed = new Map<number | undefined, { close(): void }>()
  child.send = new Proxy(child.send, {
    apply: (send, child, args: [message: { act?: string; seq: number }, connection: { close(): void }]) => {
      const [{ act, seq }, connection] = args
      if (act === 'newconn') unconfirmed.set(seq, connection)
      return Reflect.apply(send, child, args)
    },
  })
  child.on('internalMessage', ({ ack }: { ack?: number }) => unconfirmed.delete(ack))
  // After `close`, no message of the worker can arrive. After `exit`, messages can arrive.
  child.once('close', () => {
    for (const connection of unconfirmed.values()) connection.close()
    // Node listens only once, so a second event has no effect.
    child.emit('disconnect')
  })
}
