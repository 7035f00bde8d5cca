import type { Worker } from 'node:cluster'
import { send, type ToPrimary, type ToWorker } from './messages.ts'

export interface Ending {
  readonly code: number | null
  readonly signal: string | null
}

interface MemberOptions {
  /** How long it may take from its start until it serves. Milliseconds. */
  readonly startMs: number
  /** Told of what it says, besides that it serves. */
  readonly onMessage: (message: ToPrimary) => void
  /** Told where it does not serve in time, and is killed for it: it may be past hearing anything else. */
  readonly onLate: () => void
  readonly onEnd: (ending: Ending) => void
  /** Told in place of its end where it could not be started at all. */
  readonly onNotStarted: (error: unknown) => void
}

/** A worker, from its start to its end. */
export class Member {
  readonly worker: Worker
  readonly #startedAt = performance.now()
  readonly #serves = Promise.withResolvers<boolean>()
  readonly #late: NodeJS.Timeout
  #isServing = false
  /** How it was told to end; null where it was not. */
  #order: ToWorker | null = null
  #isGone = false

  constructor(worker: Worker, { startMs, onMessage, onLate, onEnd, onNotStarted }: MemberOptions) {
    this.worker = worker
    this.#late = setTimeout(() => {
      onLate()
      this.kill()
    }, startMs)
    worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'serving') this.#beginToServe()
      else onMessage(message)
    })
    worker.once('exit', (code, signal) => {
      if (this.#end()) onEnd({ code, signal })
    })
    worker.on('error', error => {
      // One that was started tells its end by `exit`, whatever could not be sent to it. Of any other nothing more is heard.
      if (worker.process.pid === undefined && this.#end()) onNotStarted(error)
    })
  }

  /** Resolves to true once it serves; to false when it ends before, or cannot be started at all. */
  get serves(): Promise<boolean> {
    return this.#serves.promise
  }

  /** Whether it answers requests, or finishes what it has begun. */
  get isServing(): boolean {
    return this.#isServing
  }

  get isToldToEnd(): boolean {
    return this.#order !== null
  }

  /** How long it has lived; one that never served has not, however long it tried. Milliseconds. */
  get livedMs(): number {
    return this.#isServing ? performance.now() - this.#startedAt : 0
  }

  tellToEnd(order: ToWorker): void {
    this.#order = order
    void send(this.worker, order)
  }

  kill(): void {
    this.worker.process.kill('SIGKILL')
  }

  #beginToServe(): void {
    clearTimeout(this.#late)
    this.#isServing = true
    this.#serves.resolve(true)
    // What it was told while it started may have come before it listened.
    if (this.#order !== null) void send(this.worker, this.#order)
  }

  /** Whether this is the first that is heard of its end. */
  #end(): boolean {
    clearTimeout(this.#late)
    this.#serves.resolve(false)
    const isFirst = !this.#isGone
    this.#isGone = true
    return isFirst
  }
}
