import { setTimeout as sleep } from 'node:timers/promises'
import type { Host, Signal } from './host.ts'

/** What is to be brought to an end. */
interface Work {
  /**
   * Lets nothing new begin that lasts, and tells whoever shares requests out that it is time to go elsewhere. With the
   * signal that began it all; null where there was none.
   */
  retire(signal: Signal | null): void
  /** Takes no more connections, and does all else as before: another process has this one's place. */
  handOver?(): void
  /** Brings what is under way to its end. */
  finish(): Promise<void>
}

interface ShutdownOptions {
  /**
   * Between a SIGTERM and the end of listening: those who share requests out need a moment to notice. Where another has
   * this one's place, what clients with an open connection have to ask once more, and go. Milliseconds.
   */
  readonly delayMs: number
  /** From the signal on. What is not done by then is cut off. Milliseconds. */
  readonly timeoutMs: number
  /** Told of each step, and of the signal that began it all; null where there was none. */
  readonly onStep?: (step: Step, signal: Signal | null) => void
}

export type Step = 'draining' | 'handing over' | 'finished' | 'cut off' | 'ended at once'

export interface Shutdown {
  /** As the signal does, but for what a second one does; null ends as soon as what is under way is finished. */
  begin(signal: Signal | null): void
  /** Ends without anybody's noticing, since another process takes what is new. */
  handOver(): void
  /** The process cannot go on: finishes what is under way, without the delay, and ends it with exit code 1. */
  giveUp(): void
}

/**
 * npm passes a terminal's Ctrl+C on to a process that the terminal has told itself. A signal that comes so soon after
 * another is the same one, and no sign of impatience. Milliseconds.
 */
const SAME_SIGNAL = 500

/** As shells report a process that a signal has ended. */
const CODES: Readonly<Record<Signal, number>> = { SIGTERM: 143, SIGINT: 130 }

/**
 * The process ends when it is told to: with 0 once the work is finished, or its time is up; at once when it is told a
 * second time. Ctrl+C skips the delay, since no load balancer stands in front of a terminal.
 */
export const onceStopped = (host: Host, work: Work, options: ShutdownOptions): Shutdown => {
  let isBegun = false
  let toldAt: number | null = null
  let begunBy: Signal | null = null
  let code = 0

  const tell = (step: Step) => options.onStep?.(step, begunBy)
  const end = (step: Step) => {
    tell(step)
    host.exit(code)
  }
  const shutDown = async (delayMs: number, handsOver = false): Promise<void> => {
    isBegun = true
    tell(handsOver ? 'handing over' : 'draining')
    setTimeout(() => end('cut off'), options.timeoutMs)
    if (handsOver) work.handOver?.()
    else work.retire(begunBy)
    if (delayMs > 0) await sleep(delayMs)
    await work.finish()
    end('finished')
  }
  const begin = (signal: Signal | null): void => {
    toldAt ??= performance.now()
    if (isBegun) return
    begunBy = signal
    void shutDown(signal === 'SIGTERM' ? options.delayMs : 0)
  }
  host.onSignal(signal => {
    if (toldAt === null || performance.now() - toldAt <= SAME_SIGNAL) return begin(signal)
    code = CODES[signal]
    end('ended at once')
  })
  return {
    begin,
    handOver: () => {
      if (!isBegun) void shutDown(options.delayMs, true)
    },
    giveUp: () => {
      code = 1
      begin(null)
    },
  }
}
