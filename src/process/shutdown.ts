import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessHost, Signal } from './processHost.ts'

interface ShutdownTarget {
  /** Fails the readiness check and rejects new subscriptions. If no signal caused the shutdown, `signal` is null. */
  startDraining(signal: Signal | null): void
  /** Closes only the listening sockets. Called instead of `startDraining` if a new worker replaces the process. */
  stopAccepting?(): void
  drain(): Promise<void>
}

interface ShutdownOptions {
  /** Time from SIGTERM to `drain`. Load balancers need the time to notice the failed readiness check. */
  readonly delayMs: number
  /** Maximum duration of the shutdown. After the timeout, open requests are cut off. */
  readonly timeoutMs: number
  readonly onStep?: (step: ShutdownStep, signal: Signal | null) => void
}

export type ShutdownStep = 'draining' | 'replaced' | 'finished' | 'timed-out' | 'forced'

export interface Shutdown {
  /** Starts a shutdown, with a delay only for SIGTERM. Repeated calls have no effect. */
  start(signal: Signal | null): void
  /** Starts a shutdown after a new worker has started. The readiness check does not fail. */
  startReplaced(): void
  /** Starts a shutdown without the delay and with exit code 1. */
  startFatal(): void
}

/** Under npm, Ctrl+C causes two SIGINT signals. Within the window, the second signal is ignored. */
const DUPLICATE_SIGNAL_WINDOW_MS = 500

/** 128 plus the signal number, by shell convention. */
const SIGNAL_EXIT_CODES: Readonly<Record<Signal, number>> = { SIGTERM: 143, SIGINT: 130 }

/**
 * The first signal starts a graceful shutdown with exit code 0. A second signal exits at once. SIGINT skips the delay,
 * because a process in a terminal has no load balancer.
 */
export function registerShutdown(host: ProcessHost, target: ShutdownTarget, options: ShutdownOptions): Shutdown {
  let isStarted = false
  let firstSignalAt: number | null = null
  let cause: Signal | null = null
  let exitCode = 0

  const report = (step: ShutdownStep) => options.onStep?.(step, cause)
  const exit = (step: ShutdownStep) => {
    report(step)
    host.exit(exitCode)
  }
  const shutDown = async (delayMs: number, isReplaced = false): Promise<void> => {
    isStarted = true
    report(isReplaced ? 'replaced' : 'draining')
    setTimeout(() => exit('timed-out'), options.timeoutMs)
    if (isReplaced) target.stopAccepting?.()
    else target.startDraining(cause)
    if (delayMs > 0) await sleep(delayMs)
    await target.drain()
    exit('finished')
  }
  const start = (signal: Signal | null): void => {
    firstSignalAt ??= performance.now()
    if (isStarted) return
    cause = signal
    void shutDown(signal === 'SIGTERM' ? options.delayMs : 0)
  }
  host.onSignal(signal => {
    if (firstSignalAt === null || performance.now() - firstSignalAt <= DUPLICATE_SIGNAL_WINDOW_MS) return start(signal)
    exitCode = SIGNAL_EXIT_CODES[signal]
    exit('forced')
  })
  return {
    start,
    startReplaced: () => {
      if (!isStarted) void shutDown(options.delayMs, true)
    },
    startFatal: () => {
      exitCode = 1
      start(null)
    },
  }
}
