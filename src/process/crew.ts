import cluster, { type Worker } from 'node:cluster'
import type { Signal } from './host.ts'
import { send, type ToPrimary } from './messages.ts'
import { RestartDelay } from './restartDelay.ts'

/** A worker, from its start to its end. */
export interface Member {
  readonly worker: Worker
  readonly startedAt: number
  /** Whether it answers requests. */
  isServing: boolean
  /** Whether it was told to end. */
  isLeaving: boolean
  /** True once it serves; false when it ends before. */
  readonly serves: Promise<boolean>
}

export interface Ending {
  readonly code: number | null
  readonly signal: string | null
}

export interface CrewOptions {
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

  start(): Member {
    const worker = cluster.fork()
    const { promise: serves, resolve } = Promise.withResolvers<boolean>()
    const member: Member = { worker, startedAt: performance.now(), isServing: false, isLeaving: false, serves }
    this.#members.add(member)
    const late = setTimeout(() => {
      this.#options.onLate(worker)
      worker.process.kill('SIGKILL')
    }, this.#options.startMs)
    worker.on('message', (message: ToPrimary) => {
      if (message.kind !== 'serving') this.#options.onMessage(worker, message)
      else {
        clearTimeout(late)
        member.isServing = true
        resolve(true)
      }
    })
    worker.once('exit', (code, signal) => {
      clearTimeout(late)
      resolve(false)
      this.#ended(member, { code, signal })
    })
    return member
  }

  /** Starts as many as are missing. */
  fill(): void {
    while (!this.#isStopping && this.#staying().length < this.#options.size) this.start()
  }

  /**
   * Replaces each by a new one that serves before the old one is told to end. False where a new one does not: then those
   * that are there stay.
   */
  async roll(): Promise<boolean> {
    for (const old of this.#staying()) {
      if (this.#isStopping || !this.#members.has(old)) continue
      const fresh = this.start()
      if (!(await fresh.serves)) return this.#isStopping
      if (this.#isStopping) continue
      old.isLeaving = true
      void send(old.worker, { kind: 'hand over' })
      // One that crashed meanwhile was not missing, as there was one more; one that waits to be started has its time.
      if (this.#refill === null) this.fill()
    }
    return true
  }

  /** Tells all to end, and starts no more. */
  stop(signal: Signal | null): void {
    this.#isStopping = true
    if (this.#refill !== null) clearTimeout(this.#refill)
    for (const { worker } of this.#members) void send(worker, { kind: 'stop', signal })
    if (this.#members.size === 0) this.#empty.resolve()
  }

  /** Once it was stopped, and all have ended. */
  get gone(): Promise<void> {
    return this.#empty.promise
  }

  /** Ends all that are left, at once. */
  kill(): void {
    for (const { worker } of this.#members) worker.process.kill('SIGKILL')
  }

  #staying(): readonly Member[] {
    return [...this.#members].filter(({ isLeaving }) => !isLeaving)
  }

  #ended(member: Member, ending: Ending): void {
    const { worker, isServing, isLeaving, startedAt } = member
    this.#members.delete(member)
    // What it said last may arrive after it has ended.
    if (worker.isConnected()) worker.once('disconnect', () => this.#options.onEnd(worker))
    else this.#options.onEnd(worker)
    if (this.#isStopping) {
      if (this.#members.size === 0) this.#empty.resolve()
      return
    }
    if (isLeaving) return
    // One that never served has not lived, however long it tried.
    const delay = this.#delay.after(isServing ? performance.now() - startedAt : 0)
    this.#options.onCrash(worker, ending, delay)
    this.#refill ??= setTimeout(() => {
      this.#refill = null
      this.fill()
    }, delay)
  }
}
