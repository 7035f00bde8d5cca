import cluster, { type Worker } from 'node:cluster'
import type { Signal } from '../processHost.ts'
import type { ToPrimary } from './messages.ts'
import { RestartDelay } from './restartBackoff.ts'
import { type Ending, Member } from './workerHandle.ts'

interface CrewOptions {
  /** How many serve. */
  readonly size: number
  /** How long a worker may take from its start until it serves. Milliseconds. */
  readonly startMs: number
  /** Told of what a worker says, besides that it serves. */
  readonly onMessage: (worker: Worker, message: ToPrimary) => void
  /** Told of each that does not serve in time, and is killed for it: it may be past hearing anything else. */
  readonly onLate: (worker: Worker) => void
  /** Told of each that is gone. */
  readonly onEnd: (worker: Worker) => void
  /** Told of each that ended and was not told to. */
  readonly onCrash: (worker: Worker, ending: Ending, restartMs: number) => void
  /** Told why one cannot be started at all: its program is not there, or the system has no room for another process. */
  readonly onNotStarted: (error: unknown) => void
}

/** The workers: as many as there should be, whoever ends. */
export class Crew {
  readonly #options: CrewOptions
  readonly #members = new Set<Member>()
  readonly #delay = new RestartDelay()
  readonly #empty = Promise.withResolvers<void>()
  #refill: NodeJS.Timeout | null = null
  #isStopping = false

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Those that answer requests, or finish what they have begun. */
  get serving(): readonly Worker[] {
    return [...this.#members].filter(({ isServing }) => isServing).map(({ worker }) => worker)
  }

  /** Starts one more. True once it serves; false when it ends before, or cannot be started at all. */
  start(): Promise<boolean> {
    const worker = this.#fork()
    if (worker === null) return Promise.resolve(false)
    const { startMs, onMessage, onLate } = this.#options
    const member = new Member(worker, {
      startMs,
      onMessage: message => onMessage(worker, message),
      onLate: () => onLate(worker),
      onEnd: ending => this.#ended(member, ending),
      onNotStarted: error => {
        this.#forget(member)
        this.#notStarted(error)
      },
    })
    this.#members.add(member)
    return member.serves
  }

  /** Starts as many as are missing. */
  fill(): void {
    if (this.#isStopping) return
    // Counted once: one that cannot be started stays missing.
    const missing = this.#options.size - this.#staying().length
    for (let i = 0; i < missing; i++) void this.start()
  }

  /**
   * Replaces each by a new one that serves before the old one is told to end. False where a new one does not: then those
   * that are there stay.
   */
  async roll(): Promise<boolean> {
    for (const old of this.#staying()) {
      if (this.#isStopping || !this.#members.has(old)) continue
      if (!(await this.start())) return this.#isStopping
      if (this.#isStopping) continue
      old.tellToEnd({ kind: 'hand over' })
      // One that crashed meanwhile was not missing, as there was one more; one that waits to be started has its time.
      if (this.#refill === null) this.fill()
    }
    return true
  }

  /** Tells all to end, and starts no more. */
  stop(signal: Signal | null): void {
    this.#isStopping = true
    if (this.#refill !== null) clearTimeout(this.#refill)
    for (const member of this.#members) member.tellToEnd({ kind: 'stop', signal })
    if (this.#members.size === 0) this.#empty.resolve()
  }

  /** Once it was stopped, and all have ended. */
  get gone(): Promise<void> {
    return this.#empty.promise
  }

  /** Ends all that are left, at once. */
  kill(): void {
    for (const member of this.#members) member.kill()
  }

  #staying(): readonly Member[] {
    return [...this.#members].filter(({ isToldToEnd }) => !isToldToEnd)
  }

  /** Null where that fails at once; where it fails later, the worker says so. */
  #fork(): Worker | null {
    try {
      return cluster.fork()
    } catch (error) {
      this.#notStarted(error)
      return null
    }
  }

  #notStarted(error: unknown): void {
    this.#options.onNotStarted(error)
    // Several that fail together are one failure: they are tried again together.
    if (!this.#isStopping && this.#refill === null) this.#refillAfter(this.#delay.after(0))
  }

  #ended(member: Member, ending: Ending): void {
    const { worker } = member
    this.#forget(member)
    // What it said last may arrive after it has ended.
    if (worker.isConnected()) worker.once('disconnect', () => this.#options.onEnd(worker))
    else this.#options.onEnd(worker)
    if (this.#isStopping || member.isToldToEnd) return
    const delay = this.#delay.after(member.livedMs)
    this.#options.onCrash(worker, ending, delay)
    if (this.#refill === null) this.#refillAfter(delay)
  }

  #forget(member: Member): void {
    this.#members.delete(member)
    if (this.#isStopping && this.#members.size === 0) this.#empty.resolve()
  }

  #refillAfter(delayMs: number): void {
    this.#refill = setTimeout(() => {
      this.#refill = null
      this.fill()
    }, delayMs)
  }
}
