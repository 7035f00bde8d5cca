import type { EventQueue } from './eventQueue.ts'
import type { EventOrError } from './events.ts'

export interface EventExecution {
  /**
   * Charges an event to the rate limit. Returns null, or the error of a used up budget, whose `extensions.retryAfter` is
   * the time in seconds until a retry may succeed.
   */
  readonly charge: () => Promise<RateLimited | null>
  /** Called before the execution of each event. Returns a function that is called after the execution. */
  readonly start: () => () => void
}

export type RateLimited = Error & { readonly extensions: { readonly retryAfter?: unknown } }

/**
 * The events of a subscriber, within the rate limit of the client. If the budget is used up, the subscriber receives the
 * error once, events are dropped until the client has budget again, and the stream continues with a snapshot. The first
 * event is not charged, because the operation was charged for an event. Errors are not charged, and neither is the
 * snapshot of a watch that ends without budget: otherwise, the stream could delay a shutdown. Reads must not overlap.
 */
export class MeteredEvents<E> implements AsyncIterableIterator<EventOrError<E>> {
  readonly #queue: EventQueue<EventOrError<E>>
  readonly #execution: EventExecution
  #isFirst = true
  /** Null while the client has budget. */
  #pauseMs: number | null = null
  #endExecution: () => void = () => undefined

  constructor(queue: EventQueue<EventOrError<E>>, execution: EventExecution) {
    this.#queue = queue
    this.#execution = execution
  }

  async next(): Promise<IteratorResult<EventOrError<E>>> {
    this.#endExecution()
    for (;;) {
      const isPaused = this.#pauseMs !== null
      if (this.#pauseMs !== null) await this.#queue.pause(this.#pauseMs)
      const result = await this.#queue.next()
      if (result.done || result.value instanceof Error) return result
      const isFree = this.#isFirst || (isPaused && this.#queue.hasEnded)
      const error = isFree ? null : await this.#execution.charge()
      if (error === null) {
        this.#isFirst = false
        this.#pauseMs = null
        this.#endExecution = this.#execution.start()
        return result
      }
      this.#pauseMs = Number(error.extensions.retryAfter) * 1_000
      if (!isPaused) return { done: false, value: error }
    }
  }

  return(): Promise<IteratorResult<EventOrError<E>>> {
    this.#endExecution()
    return this.#queue.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
