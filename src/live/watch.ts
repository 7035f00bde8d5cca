import { callerError } from '../userInputError.ts'
import { type Cancellation, unlessCancelled } from '../restcomm/cancellation.ts'
import { Channel } from './eventQueue.ts'
import type { Learner } from './stateSink.ts'
import { Looks, type LooksOptions } from './replication/replicatedPoller.ts'
import type { Subject } from './pollSource.ts'

export interface WatchOptions {
  /** Between two polls, while things happen. Milliseconds. */
  readonly intervalMs: number
  /** How long polls may fail before subscribers are told. Milliseconds. */
  readonly graceMs: number
  /** How many events a subscriber may lag behind. */
  readonly queueLimit: number
  /** The error that stands for one of Restcomm's failures, told by another replica; null for one that is not known. */
  readonly upstreamError: (failure: string, message: string) => Error | null
}

/** What a look is given up for. Nobody is told. */
const UNWATCHED = new Error('Nobody watches this any more.')

/** What subscribers read: an event, or an error that was told to them and after which the stream goes on. */
export type Told<E> = E | Error

/** What subscribers are told where nothing is wrong with what they watch. */
export const stopping = (): Error => callerError('UNAVAILABLE', 'The gateway is about to stop.')

/**
 * One poll loop for however many subscribers, here or in another replica. It begins with the first of them and ends with
 * the last, with the subject, or with an error that lasts. Other errors are told only after a grace period, once, and it
 * recovers by itself.
 */
export class Watch<S, E> implements Learner<S> {
  readonly #subject: Subject<S, E>
  readonly #cancellation: Cancellation
  readonly #options: WatchOptions
  readonly #onEnd: () => void
  readonly #looks: Looks<S>
  readonly #channels = new Set<Channel<Told<E>>>()
  readonly #begun = Promise.withResolvers<void>()
  #state: S | null = null
  /** Subscribers who wait for the first look. */
  #joining = 0
  #hasBegun = false
  #failingSince: number | null = null
  /** The error that subscribers were told, while it lasts. */
  #told: Error | null = null
  #ended = false
  /** The last thing that its streams told, where that was an error. */
  #endedWith: Error | undefined

  /**
   * `cancellation` gives up what the subject reads; it is cancelled when nobody waits for that any more. `onEnd` is called
   * once, when the watch is of no more use. `join` is null where no other replica watches.
   */
  constructor(
    subject: Subject<S, E>,
    cancellation: Cancellation,
    options: WatchOptions,
    onEnd: () => void,
    join: LooksOptions<S>['join'] = null,
  ) {
    this.#subject = subject
    this.#cancellation = cancellation
    this.#options = options
    this.#onEnd = onEnd
    // Nobody may be waiting when it fails.
    this.#begun.promise.catch(() => undefined)
    const { intervalMs, upstreamError } = options
    this.#looks = new Looks<S>({ subject, learner: this, intervalMs, join, upstreamError })
  }

  get state(): S | null {
    return this.#state
  }

  get subscribers(): number {
    return this.#channels.size + this.#joining
  }

  /**
   * Resolves once the first look has succeeded; rejects when it fails for good, or for longer than the grace period, and
   * when `patience` is cancelled before.
   */
  async subscribe(patience?: Cancellation): Promise<Channel<Told<E>>> {
    this.#joining++
    try {
      await unlessCancelled(this.#hasBegun ? this.#looks.refresh() : this.#begun.promise, patience)
      this.#joining--
    } catch (error) {
      this.#joining--
      this.#endIfAlone()
      throw error
    }
    const channel = new Channel<Told<E>>(
      this.#options.queueLimit,
      () => this.#fromState(state => this.#subject.resync(state)),
      () => {
        this.#channels.delete(channel)
        this.#endIfAlone()
      },
    )
    for (const event of this.#fromState(state => this.#subject.greeting(state))) channel.push(event)
    if (this.#told !== null) channel.push(this.#told)
    if (this.#ended) channel.end(this.#endedWith)
    else this.#channels.add(channel)
    return channel
  }

  /** Something has just been done: do not wait to see it. */
  nudge(): void {
    this.#looks.now()
  }

  /** Completes every stream; with `error` as the last thing that they tell, where one is given. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#complete(error)
    this.#cancellation.cancel(UNWATCHED)
  }

  #complete(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#endedWith = error
    this.#looks.stop()
    if (!this.#hasBegun) this.#begun.reject(error ?? stopping())
    for (const channel of [...this.#channels]) channel.end(error)
    this.#onEnd()
  }

  learn(state: S): boolean {
    const before = this.#state
    this.#state = state
    this.confirm()
    const events = before === null ? [] : this.#subject.difference(before, state)
    if (this.#hasBegun) this.#tell(events)
    else this.#begin()
    // Whoever waited for the beginning gets its snapshot first; and whoever has not read all may still ask for more of it.
    if (this.#subject.isOver(state)) setImmediate(() => this.#complete())
    return events.length > 0
  }

  confirm(): void {
    this.#failingSince = null
    this.#told = null
  }

  judge(error: Error, seen: S | null): 'unsaid' | 'told' | 'lasts' {
    this.#failingSince ??= performance.now()
    if (this.#subject.isLasting(error, this.#state ?? seen)) return 'lasts'
    const isDue = this.#told === null && performance.now() - this.#failingSince >= this.#options.graceMs
    return isDue ? 'told' : 'unsaid'
  }

  tell(error: Error, lasts: boolean): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#begun.reject(error)
      this.end()
    } else if (lasts) {
      this.end(error)
    } else if (this.#told === null) {
      this.#told = error
      this.#tell([error])
    }
  }

  #begin(): void {
    this.#hasBegun = true
    this.#begun.resolve()
  }

  #endIfAlone(): void {
    if (this.subscribers === 0) this.end()
  }

  #fromState(events: (state: S) => readonly E[]): readonly E[] {
    return this.#state === null ? [] : events(this.#state)
  }

  #tell(events: readonly Told<E>[]): void {
    for (const channel of [...this.#channels]) for (const event of events) channel.push(event)
  }
}
