import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'

const RETRY_AFTER_SECONDS = 1

/** Semaphore with a bounded FIFO queue. A cancelled request leaves the queue immediately. */
export class ConcurrencyLimit {
  readonly #maxInFlight: number
  readonly #maxQueued: number
  readonly #queue = new Set<() => void>()
  /**
   * Points to the first entry. Advances only while the queue has entries, so the iterator never ends. A new iterator
   * would skip every deleted entry first.
   */
  readonly #iterator = this.#queue.values()
  inFlight = 0

  constructor(maxInFlight: number, maxQueued: number) {
    this.#maxInFlight = maxInFlight
    this.#maxQueued = maxQueued
  }

  get queued(): number {
    return this.#queue.size
  }

  /**
   * If a slot is free, takes the slot and returns null. Otherwise returns a promise that resolves with a slot taken.
   * Every slot must be given back with `release`. The promise rejects if the queue is full or the request is cancelled.
   */
  acquire(cancellation?: CancellationToken): Promise<void> | null {
    if (this.inFlight >= this.#maxInFlight) return this.#enqueue(cancellation)
    this.inFlight++
    return null
  }

  release(): void {
    // The slot passes directly to the first queued request, so a new request cannot take the slot.
    const start = this.#queue.size === 0 ? undefined : this.#iterator.next().value
    if (start === undefined) {
      this.inFlight--
    } else {
      this.#queue.delete(start)
      start()
    }
  }

  #enqueue(cancellation: CancellationToken | undefined): Promise<void> {
    if (this.#queue.size >= this.#maxQueued) {
      const message = 'The queue for requests to Restcomm is full; try again later.'
      return Promise.reject(new RestcommError('overloaded', message, { retryAfterSeconds: RETRY_AFTER_SECONDS }))
    }
    if (cancellation?.isCancelled) return Promise.reject(cancellation.reason)
    return new Promise((resolve, reject) => {
      const start = () => {
        cancellation?.delete(onCancel)
        resolve()
      }
      const onCancel = () => {
        this.#queue.delete(start)
        reject(cancellation?.reason)
      }
      this.#queue.add(start)
      cancellation?.add(onCancel)
    })
  }
}
