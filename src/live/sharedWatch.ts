import { type CancellationToken, raceCancellation } from '../restcomm/cancellationToken.ts'
import { userInputError } from '../userInputError.ts'
import { EventQueue } from './eventQueue.ts'
import type { PollSource } from './pollSource.ts'
import type { Member, Membership } from './replicaExchange.ts'
import { type PollListener, ReplicatedPoller } from './replicatedPoller.ts'

export interface WatchOptions {
  /** Delay between polls while the resource changes; grows while nothing changes. */
  readonly intervalMs: number
  /** Polls may fail for this time before subscribers receive the error. */
  readonly graceMs: number
  readonly maxQueuedEvents: number
}

/** `close` cancels the running poll with the error. Subscribers never receive the error. */
const NO_SUBSCRIBERS = new Error('The last subscriber left.')

/** Item of a subscription. A failed poll becomes an error item, so the stream can go on. */
export type EventOrError<E> = E | Error

export function shuttingDownError(): Error {
  return userInputError('UNAVAILABLE', 'The gateway is shutting down: connect again.')
}

/**
 * Poll loop shared by subscribers in all replicas. The loop ends if the last subscriber leaves, if the resource is
 * finished, or on a permanent error. After the grace period, subscribers receive a temporary error once.
 */
export class SharedWatch<S, E> implements PollListener<S> {
  readonly #source: PollSource<S, E>
  readonly #cancellation: CancellationToken
  readonly #options: WatchOptions
  readonly #onClose: () => void
  readonly #poller: ReplicatedPoller<S>
  readonly #queues = new Set<EventQueue<EventOrError<E>>>()
  readonly #firstPoll = Promise.withResolvers<void>()
  #state: S | null = null
  #joiningSubscribers = 0
  #failingSince: number | null = null
  /** Error sent to subscribers since the last successful poll, or null. */
  #reportedError: Error | null = null
  #isClosed = false
  #closeError: Error | undefined

  /** `close` cancels the requests of `source` with `cancellation`. `onClose` is called once, when the streams end. */
  constructor(
    source: PollSource<S, E>,
    cancellation: CancellationToken,
    options: WatchOptions,
    onClose: () => void,
    join: ((member: Member) => Membership) | null = null,
  ) {
    this.#source = source
    this.#cancellation = cancellation
    this.#options = options
    this.#onClose = onClose
    // Prevents an unhandled rejection if all subscribers left before the first poll failed.
    this.#firstPoll.promise.catch(() => undefined)
    this.#poller = new ReplicatedPoller<S>({ source, listener: this, intervalMs: options.intervalMs, join })
  }

  get state(): S | null {
    return this.#state
  }

  get subscribers(): number {
    return this.#queues.size + this.#joiningSubscribers
  }

  /** Waits for a successful poll. Rejects on a permanent error, after the grace period, or on cancellation. */
  async subscribe(cancellation?: CancellationToken): Promise<EventQueue<EventOrError<E>>> {
    this.#joiningSubscribers++
    try {
      await raceCancellation(this.#state === null ? this.#firstPoll.promise : this.#poller.refresh(), cancellation)
      this.#joiningSubscribers--
    } catch (error) {
      this.#joiningSubscribers--
      this.#closeIfUnused()
      throw error
    }
    const queue = new EventQueue<EventOrError<E>>(
      this.#options.maxQueuedEvents,
      () => this.#eventsOfState(state => this.#source.snapshotEvents(state)),
      () => {
        this.#queues.delete(queue)
        this.#closeIfUnused()
      },
    )
    for (const event of this.#eventsOfState(state => this.#source.initialEvents(state))) queue.push(event)
    if (this.#reportedError !== null) queue.push(this.#reportedError)
    if (this.#isClosed) queue.end(this.#closeError)
    else this.#queues.add(queue)
    return queue
  }

  /** Skips the delay before the next poll, for example after a mutation. */
  pollNow(): void {
    this.#poller.pollNow()
  }

  /** Completes every stream, with `error` as the final item if given. */
  close(error?: Error): void {
    if (this.#isClosed) return
    this.#closeStreams(error)
    this.#cancellation.cancel(NO_SUBSCRIBERS)
  }

  #closeStreams(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closeError = error
    this.#poller.stop()
    this.#firstPoll.reject(error ?? shuttingDownError())
    for (const queue of [...this.#queues]) queue.end(error)
    this.#onClose()
  }

  onState(state: S): boolean {
    const before = this.#state
    this.#state = state
    this.#failingSince = null
    this.#reportedError = null
    const events = before === null ? [] : this.#source.diff(before, state)
    this.#firstPoll.resolve()
    this.#emit(events)
    // Closes on the next tick, so that new subscribers receive the snapshot before the end of the stream. The requests
    // of the source are not cancelled, because resolvers may read the calls for queued events.
    if (this.#source.isFinished(state)) setImmediate(() => this.#closeStreams())
    return events.length > 0
  }

  onError(error: Error, isPermanent: boolean): void {
    this.#failingSince ??= performance.now()
    const isReported = isPermanent || performance.now() - this.#failingSince >= this.#options.graceMs
    if (!isReported) return
    if (isPermanent || this.#state === null) {
      this.close(error)
    } else if (this.#reportedError === null) {
      this.#reportedError = error
      this.#emit([error])
    }
  }

  #closeIfUnused(): void {
    if (this.subscribers === 0) this.close()
  }

  #eventsOfState(events: (state: S) => readonly E[]): readonly E[] {
    return this.#state === null ? [] : events(this.#state)
  }

  #emit(events: readonly EventOrError<E>[]): void {
    for (const queue of [...this.#queues]) for (const event of events) queue.push(event)
  }
}
