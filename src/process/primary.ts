import cluster from 'node:cluster'
import type { Config } from '../config.ts'
import { createLogger } from '../observability/logger.ts'
import { registerShutdown } from './shutdown.ts'
import { WorkerPool } from './workerPool.ts'

/** Time for the workers to exit after the shutdown timeout of each worker. */
const SHUTDOWN_GRACE_MS = 2_000

/** Runs the primary process, which starts the workers and ends after the workers. */
export function runPrimary(size: number, config: Config): void {
  const log = createLogger(config.log.level)
  process.on('unhandledRejection', reason => log.error({ err: reason }, 'unhandled promise rejection'))
  // The primary distributes the connections, and a worker which no longer accepts connections passes them on.
  cluster.schedulingPolicy = cluster.SCHED_RR
  const pool = new WorkerPool({ size, startTimeoutMs: config.workers.startTimeoutMs, log })
  process.on('SIGHUP', () => pool.restart())
  registerShutdown({
    delayMs: 0,
    timeoutMs: config.shutdown.timeoutMs + SHUTDOWN_GRACE_MS,
    drain: reason => pool.shutDown(reason),
    // The workers log the start and the end of the shutdown.
    log: log.child({}, { level: log.isLevelEnabled('warn') ? 'warn' : log.level }),
  })
}
