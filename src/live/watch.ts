import { callerError } from '../relay/callerError.ts'
import { Channel } from './channel.ts'
import { type Outcome, Poller } from './poller.ts'

export interface WatchOptions {
  /** Between two polls, while things happen. Milliseconds. */
  readonly intervalMs: number
  /** How long polls may fail before subscribers are told. Milliseconds. */
  readonly graceMs: number
  /** How many events a subscriber may lag behind. */
  readonly queueLimit: number
}

/** What a poll found: what has happened since the last one, and whether anything can happen any more. */
export interface Findings<E> {
  readonly events: readonly E[]
  readonly isOver: boolean
}

/** What is watched. */
export interface Subject<E> {
  /** Looks. Throws when that fails; `isLasting` says whether looking again can help. */
  poll(): Promise<Findings<E>>
  /** What a new subscriber is told, before what happens after the last poll. */
  greeting(): readonly E[]
  /** What takes the place of events that a subscriber was too slow to read. */
  resync(): readonly E[]
  isLasting(error: unknown): boolean
}

/** What subscribers read: an event, or an error that was told to them and after which the stream goes on. */
export type Told<E> = E | Error

/** What subscribers are told where nothing is wrong with what they watch. */
export const stopping = (): Error => callerError('UNAVAILABLE', 'The gateway is about to stop.')

/**
 * One poll loop for however many subscribers. It begins with the first of them and ends with the last, with the subject,
 * or with an error that lasts. Other errors are told only after a grace period, once, and it recovers by itself.
 */
export class Watch<E> {
  readonly #subject: Subject<E>
  readonly #options: WatchOptions
  readonly #onEnd: () => void
  readonly #poller: Poller
  readonly #channels = new Set<Channel<Told<E>>>()
  readonly #begun = Promise.withResolvers<void>()
  /** Subscribers who wait for the first poll. */
  #joining = 0
  #hasBegun = false
  #failingSince: number | null = null
  /** The error that subscribers were told, while it lasts. */
  #told: Error | null = null
  /** When the last look that succeeded was begun. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #onLooked: (() => void)[] = []
  #ended = false
  /** The last thing that its streams told, where that was an error. */
  #endedWith: Error | undefined

  /** `onEnd` is called once, when the watch is of no more use. */
  constructor(subject: Subject<E>, options: WatchOptions, onEnd: () => void) {
    this.#subject = subject
    this.#options = options
    this.#onEnd = onEnd
    this.#poller = new Poller(() => this.#poll(), options.intervalMs)
    // Nobody may be waiting when it fails.
    this.#begun.promise.catch(() => undefined)
    this.#poller.now()
  }

  get subscribers(): number {
    return this.#channels.size + this.#joining
  }

  /** Resolves once the first poll has succeeded; rejects when it fails for good, or for longer than the grace period. */
  async subscribe(): Promise<Channel<Told<E>>> {
    this.#joining++
    try {
      if (this.#hasBegun) await this.#refresh()
      await this.#begun.promise
    } finally {
      this.#joining--
    }
    const channel = new Channel<Told<E>>(
      this.#options.queueLimit,
      () => this.#subject.resync(),
      () => {
        this.#channels.delete(channel)
        this.#endIfAlone()
      },
    )
    for (const event of this.#subject.greeting()) channel.push(event)
    if (this.#told !== null) channel.push(this.#told)
    if (this.#ended) channel.end(this.#endedWith)
    else this.#channels.add(channel)
    return channel
  }

  /** Looks before a newcomer is greeted, if the last look is old. However many come, they share one. */
  async #refresh(): Promise<void> {
    if (this.#ended || performance.now() - this.#lookedAt <= this.#options.intervalMs) return
    const looked = new Promise<void>(resolve => this.#onLooked.push(resolve))
    this.#poller.now()
    await looked
  }

  /** Something has just been done: do not wait to see it. */
  nudge(): void {
    this.#poller.now()
  }

  /** Completes every stream; with `error` as the last thing that they tell, where one is given. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#endedWith = error
    this.#poller.stop()
    if (!this.#hasBegun) this.#begun.reject(error ?? stopping())
    for (const tell of this.#onLooked.splice(0)) tell()
    for (const channel of [...this.#channels]) channel.end(error)
    this.#onEnd()
  }

  #endIfAlone(): void {
    if (this.subscribers === 0) this.end()
  }

  async #poll(): Promise<Outcome> {
    const began = performance.now()
    try {
      const { events, isOver } = await this.#subject.poll()
      this.#failingSince = null
      this.#told = null
      this.#lookedAt = began
      if (this.#hasBegun) this.#tell(events)
      else this.#begin()
      // Whoever waited for the beginning gets its snapshot first.
      if (isOver) setImmediate(() => this.end())
      return events.length > 0 ? 'changed' : 'unchanged'
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    } finally {
      for (const tell of this.#onLooked.splice(0)) tell()
    }
  }

  #begin(): void {
    this.#hasBegun = true
    this.#begun.resolve()
  }

  #fail(error: Error): void {
    this.#failingSince ??= performance.now()
    const lasts = this.#subject.isLasting(error)
    const isTold = lasts || performance.now() - this.#failingSince >= this.#options.graceMs
    if (isTold && !this.#hasBegun) {
      this.#hasBegun = true
      this.#begun.reject(error)
      this.end()
      return
    }
    if (lasts) {
      this.end(error)
    } else if (isTold && this.#told === null) {
      this.#told = error
      this.#tell([error])
    }
  }

  #tell(events: readonly Told<E>[]): void {
    for (const channel of [...this.#channels]) for (const event of events) channel.push(event)
  }
}
