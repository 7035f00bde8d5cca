import { CancellationToken, raceCancellation } from '../restcomm/cancellationToken.ts'
import { EventQueue } from './eventQueue.ts'
import type { EventOrError } from './events.ts'
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

export interface WatchObserver {
  /** Called when the polls have failed for the grace period. */
  failing(error: Error): void
  /** Called after the first successful poll. `milliseconds` is the time since the first failed poll. */
  recovered(milliseconds: number): void
  /** Called if an error ends the streams of subscribers that have received a state. */
  ended(error: Error): void
}

/** Cancels the requests of a closed watch. No `RestcommError`, which would count as a failure of Restcomm. */
const WATCH_CLOSED = new Error('The watch was closed.')

/**
 * Poll loop shared by subscribers in all replicas. The loop ends if the last subscriber leaves, if the resource is
 * finished, or on a permanent error. After the grace period, subscribers receive a temporary error once, and a snapshot
 * after the next successful poll.
 */
export class SharedWatch<S, E> implements PollListener<S> {
  readonly #source: PollSource<S, E>
  /** Cancels the requests of the source. */
  readonly #cancellation = new CancellationToken()
  readonly #options: WatchOptions
  readonly #onClose: () => void
  readonly #observer: WatchObserver | null
  readonly #poller: ReplicatedPoller<S>
  readonly #queues = new Set<EventQueue<EventOrError<E>>>()
  readonly #firstPoll = Promise.withResolvers<void>()
  #joiningSubscribers = 0
  #failingSince: number | null = null
  /** Error sent to subscribers since the last successful poll, or null. */
  #reportedError: Error | null = null
  #isClosed = false
  #closeError: Error | undefined

  /** `onClose` is called once, when the streams end. */
  constructor(
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
    options: WatchOptions,
    onClose: () => void,
    join: ((member: Member) => Membership) | null = null,
    observer: WatchObserver | null = null,
  ) {
    this.#source = createSource(this.#cancellation)
    this.#options = options
    this.#onClose = onClose
    this.#observer = observer
    // Prevents an unhandled rejection if all subscribers left before the first poll failed.
    this.#firstPoll.promise.catch(() => undefined)
    this.#poller = new ReplicatedPoller<S>(this.#source, this, options.intervalMs, join)
  }

  get subscribers(): number {
    return this.#queues.size + this.#joiningSubscribers
  }

  /** Waits for a successful poll. Rejects on a permanent error, after the grace period, or on cancellation. */
  async subscribe(cancellation?: CancellationToken): Promise<EventQueue<EventOrError<E>>> {
    this.#joiningSubscribers++
    try {
      const isFirst = this.#poller.state === null
      await raceCancellation(isFirst ? this.#firstPoll.promise : this.#poller.refresh(), cancellation)
      return this.#openQueue()
    } finally {
      this.#joiningSubscribers--
      this.#closeIfUnused()
    }
  }

  #openQueue(): EventQueue<EventOrError<E>> {
    // The cast is safe, because subscribers wait for the first state.
    const snapshot = () => this.#source.snapshot(this.#poller.state as S)
    const queue = new EventQueue<EventOrError<E>>(this.#options.maxQueuedEvents, snapshot, () => {
      this.#queues.delete(queue)
      this.#closeIfUnused()
    })
    queue.push(snapshot())
    if (this.#reportedError !== null) queue.push(this.#reportedError)
    this.#queues.add(queue)
    if (this.#isClosed) queue.end(this.#closeError)
    return queue
  }

  /** Skips the delay before the next poll, for example after a mutation. */
  pollNow(): void {
    this.#poller.pollNow()
  }

  /** Completes every stream. With an error, the error becomes the final item, and the source's requests are cancelled. */
  close(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closeError = error
    this.#poller.stop()
    this.#firstPoll.reject(error)
    for (const queue of this.#queues) queue.end(error)
    if (error !== undefined) this.#cancellation.cancel(WATCH_CLOSED)
    this.#onClose()
  }

  onState(state: S, before: S | null): boolean {
    const events = before === null ? [] : this.#source.diff(before, state)
    this.#firstPoll.resolve()
    // The snapshot shows subscribers that the reported error is over.
    if (before !== null && this.#reportedError !== null) this.#emit([this.#source.snapshot(before)])
    this.#emit(events)
    if (this.#reportedError !== null) this.#observer?.recovered(performance.now() - (this.#failingSince ?? 0))
    this.#failingSince = null
    this.#reportedError = null
    // Closes on the next tick, so that the state is published, and new subscribers receive the snapshot, before the end
    // of the stream. Cancels no requests, because resolvers may read the calls for queued events.
    if (this.#source.isFinished(state)) setImmediate(() => this.close())
    return events.length > 0
  }

  onError(error: Error, isPermanent: boolean): void {
    this.#failingSince ??= performance.now()
    const isReported = isPermanent || performance.now() - this.#failingSince >= this.#options.graceMs
    if (!isReported) return
    if (isPermanent || this.#poller.state === null) {
      if (this.#poller.state !== null) this.#observer?.ended(error)
      this.close(error)
    } else if (this.#reportedError === null) {
      this.#reportedError = error
      this.#observer?.failing(error)
      this.#emit([error])
    }
  }

  #closeIfUnused(): void {
    if (this.subscribers === 0) this.close(WATCH_CLOSED)
  }

  #emit(events: readonly EventOrError<E>[]): void {
    for (const queue of this.#queues) for (const event of events) queue.push(event)
  }
}
