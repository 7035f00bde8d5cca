import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'
import { LinkedQueue } from '../linkedQueue.ts'

const RETRY_AFTER_SECONDS = 1

/** Semaphore with a bounded FIFO queue. A cancelled request leaves the queue immediately. */
export class ConcurrencyLimit {
  readonly #maxInFlight: number
  readonly #maxQueued: number
  readonly #queue = new LinkedQueue()
  #inFlight = 0

  constructor(maxInFlight: number, maxQueued: number) {
    this.#maxInFlight = maxInFlight
    this.#maxQueued = maxQueued
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get queued(): number {
    return this.#queue.length
  }

  /**
   * If a slot is free, takes the slot and returns null. Otherwise returns a promise that resolves with a slot taken.
   * Every slot must be given back with `release`. The promise rejects if the queue is full or the request is cancelled.
   */
  acquire(cancellation?: CancellationToken): Promise<void> | null {
    if (this.#inFlight >= this.#maxInFlight) return this.#enqueue(cancellation)
    this.#inFlight++
    return null
  }

  release(): void {
    // The slot passes directly to the first queued request, so a new request cannot take the slot.
    const next = this.#queue.shift()
    if (next === null) this.#inFlight--
    else next.run()
  }

  #enqueue(cancellation: CancellationToken | undefined): Promise<void> {
    if (this.#queue.length >= this.#maxQueued) {
      const message = 'The queue for requests to Restcomm is full (RESTCOMM_MAX_WAITING); try again later.'
      return Promise.reject(new RestcommError('overloaded', message, { retryAfterSeconds: RETRY_AFTER_SECONDS }))
    }
    if (cancellation?.isCancelled) return Promise.reject(cancellation.reason)
    return new Promise((resolve, reject) => {
      const node = this.#queue.push(() => {
        cancellation?.delete(handle)
        resolve()
      })
      const onCancel = () => {
        this.#queue.remove(node)
        reject(cancellation?.reason)
      }
      const handle = cancellation?.add(onCancel) ?? null
    })
  }
}
