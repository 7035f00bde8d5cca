import type { Logger } from 'pino'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Cause of a shutdown. `replaced` means that a new worker already accepts connections. */
export type ShutdownReason = (typeof SIGNALS)[number] | 'replaced' | 'primary ended' | 'uncaught exception'

interface ShutdownOptions {
  /**
   * Time from SIGTERM, or from the replacement of a worker, to `drain`. Load balancers need the time to notice the
   * failed readiness check. SIGINT skips the delay, because a process in a terminal has no load balancer.
   */
  readonly delayMs: number
  /** Maximum duration of the shutdown. After the timeout, open requests are cut off. */
  readonly timeoutMs: number
  /** Called at the start of the shutdown, before the delay. */
  readonly onStart?: (reason: ShutdownReason) => void
  readonly drain: (reason: ShutdownReason) => Promise<void>
  /** Null without a log. An uncaught exception then ends the process at once, as by default. */
  readonly log: Logger | null
}

/** Under npm, Ctrl+C causes two SIGINT signals. Within the window, the second signal is ignored. */
const DUPLICATE_SIGNAL_WINDOW_MS = 500

/** 128 plus the signal number, by shell convention. */
const SIGNAL_EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const

/**
 * The first signal starts a graceful shutdown with exit code 0. A second signal exits at once. An uncaught exception
 * starts a shutdown with exit code 1. The returned function starts the shutdown for any other reason, unless the
 * shutdown has started already.
 */
export function registerShutdown(options: ShutdownOptions): (reason: ShutdownReason) => void {
  const { delayMs, timeoutMs, onStart, drain, log } = options
  let startedFor: ShutdownReason | null = null
  let firstSignalAt: number | null = null

  const report = (level: 'info' | 'warn', event: string, setting?: string): void => {
    const signal = SIGNALS.find(name => name === startedFor)
    // After SIGINT, the level is debug, because the user at the terminal knows about the shutdown.
    log?.[signal === 'SIGINT' ? 'debug' : level]({ signal, setting }, event)
  }
  const exit = (level: 'info' | 'warn', event: string, setting?: string, code?: number): void => {
    report(level, event, setting)
    // `process.exit(undefined)` would reset an exit code set before.
    process.exit(code ?? process.exitCode)
  }
  const shutDown = async (reason: ShutdownReason): Promise<void> => {
    report('info', reason === 'replaced' ? 'worker replaced' : 'shutdown started')
    setTimeout(() => exit('warn', 'shutdown timed out', 'SHUTDOWN_TIMEOUT_MS'), timeoutMs)
    onStart?.(reason)
    if (reason === 'SIGTERM' || reason === 'replaced') await new Promise(resolve => setTimeout(resolve, delayMs))
    await drain(reason)
    exit('info', 'shutdown complete')
  }
  const start = (reason: ShutdownReason): void => {
    if (reason !== 'replaced') firstSignalAt ??= performance.now()
    if (startedFor !== null) return
    startedFor = reason
    void shutDown(reason)
  }
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const sinceFirstMs = performance.now() - (firstSignalAt ?? performance.now())
      if (sinceFirstMs <= DUPLICATE_SIGNAL_WINDOW_MS) return start(signal)
      exit('warn', 'shutdown forced', undefined, SIGNAL_EXIT_CODES[signal])
    })
  }
  if (log === null) return start
  process.on('uncaughtException', error => {
    log.fatal({ err: error }, 'uncaught exception, shutting down')
    process.exitCode = 1
    start('uncaught exception')
  })
  return start
}

/** Sets exit code 1. The process ends when the event loop is empty, so that the message is written completely. */
export function exitWithError(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
