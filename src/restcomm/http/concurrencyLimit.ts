import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'

const RETRY_AFTER_SECONDS = 1

/** Semaphore with a bounded FIFO queue. A cancelled request leaves the queue immediately. */
export class ConcurrencyLimit {
  readonly #maxInFlight: number
  readonly #maxQueued: number
  readonly #queue: (() => void)[] = []
  inFlight = 0

  constructor(maxInFlight: number, maxQueued: number) {
    this.#maxInFlight = maxInFlight
    this.#maxQueued = maxQueued
  }

  get queued(): number {
    return this.#queue.length
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
    const start = this.#queue.shift()
    if (start === undefined) this.inFlight--
    else start()
  }

  #enqueue(cancellation: CancellationToken | undefined): Promise<void> {
    if (this.#queue.length >= this.#maxQueued) {
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
        this.#queue.splice(this.#queue.indexOf(start), 1)
        reject(cancellation?.reason)
      }
      this.#queue.push(start)
      cancellation?.add(onCancel)
    })
  }
}
