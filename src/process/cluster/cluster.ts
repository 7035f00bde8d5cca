import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Config } from '../../config.ts'
import type { ProcessHost } from '../processHost.ts'
import { runGateway } from '../runGateway.ts'
import { registerShutdown } from '../shutdown.ts'
import { WorkerMetrics } from './clusterMetrics.ts'
import { send } from './messages.ts'
import { joinPrimary } from './workerIpc.ts'
import { Crew } from './workerPool.ts'

/** What workers may take beyond the time that each has to stop. Milliseconds. */
const GRACE = 2_000

/** Serves the graph in as many processes as the settings say, until the process is told to stop. */
export const serveByWorkers = async (config: Config, host: ProcessHost, version: string): Promise<void> => {
  const { count } = config.workers
  const size = count === 'auto' ? availableParallelism() : count
  if (size === 1) return runGateway(config, host, version, null)
  const primary = joinPrimary()
  if (primary === null) return lead(size, config, host)
  // Those who start a program by a terminal hang up on all of its processes: the primary decides what that means.
  host.onHangUp(() => undefined)
  return runGateway(config, host, version, primary)
}

/** Starts the workers, replaces those that end, and ends with them. */
const lead = async (size: number, config: Config, host: ProcessHost): Promise<void> => {
  const started = Promise.withResolvers<() => Promise<void>>()
  // Before anything else: until somebody listens it ends this process. It is kept until there is something to replace,
  // since the worker that starts may have read already what has changed since.
  host.onHangUp(() => void started.promise.then(roll => roll()))
  const [{ createLogger }, { MetricsAggregate }] = await Promise.all([
    import('../../observability/logger.ts'),
    import('../../observability/metrics/aggregate.ts'),
  ])
  const log = createLogger(config.log.level)
  const metrics = new WorkerMetrics(new MetricsAggregate())
  let isServing = false
  const { startTimeoutMs: startMs } = config.workers
  const crew = new Crew({
    size,
    startMs,
    onMessage: (worker, message) => {
      if (message.kind === 'counted') metrics.counted(worker, message)
      else if (message.kind === 'expose') {
        const { question } = message
        void metrics.exposition(crew.serving).then(text => send(worker, { kind: 'exposition', question, text }))
      }
    },
    onLate: ({ process: { pid } }) => {
      log.error({ worker: pid, startMs }, 'a worker does not serve in time (WORKER_START_TIMEOUT_MS): it is killed')
    },
    onEnd: worker => metrics.ended(worker),
    onCrash: ({ process: { pid } }, ending, restartMs) => {
      if (isServing) log.error({ worker: pid, ...ending, restartMs }, 'a worker ended that was not told to')
    },
    onNotStarted: error => log.error({ err: error }, 'a worker cannot be started'),
  })
  // Connections are shared out in turn, and one that comes to a worker that is about to end goes on to the next.
  cluster.schedulingPolicy = cluster.SCHED_RR
  let isStopping = false
  const shutdown = registerShutdown(
    host,
    {
      startDraining: signal => {
        isStopping = true
        crew.stop(signal)
      },
      drain: () => crew.gone,
    },
    {
      delayMs: 0,
      timeoutMs: config.shutdown.timeoutMs + GRACE,
      onStep: step => {
        if (step !== 'timed-out' && step !== 'forced') return
        log.warn(step === 'timed-out' ? 'workers that did not end in time are ended' : 'told to stop a second time')
        crew.kill()
      },
    },
  )
  host.onUnhandledRejection(reason => log.error({ err: reason }, 'a promise was rejected, and nobody waited for it'))
  host.onUncaughtException(thrown => {
    log.fatal({ err: thrown }, 'something was thrown and not caught: this process cannot be trusted any more')
    shutdown.startFatal()
  })

  // By itself, so that what keeps all of them from serving is told once, and not tried again.
  if (!(await crew.start())) {
    if (!isStopping) host.exit(1)
    return
  }
  isServing = true
  crew.fill()
  started.resolve(rolling(crew, log))
}

interface RollLog {
  info(text: string): void
  error(text: string): void
}

/** Replaces all workers; once more where it is told to while it does. */
const rolling = (crew: Crew, log: RollLog) => {
  let isRolling = false
  let isWanted = false
  return async (): Promise<void> => {
    isWanted = true
    if (isRolling) return
    isRolling = true
    try {
      while (isWanted) {
        isWanted = false
        log.info('told to replace the workers')
        if (await crew.roll()) log.info('all workers are replaced')
        else log.error('a new worker does not serve: those that are there stay')
      }
    } finally {
      isRolling = false
    }
  }
}
