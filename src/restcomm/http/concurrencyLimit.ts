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
   * Takes a slot, which must be given back with `release`. Returns null if a slot is free, else a promise to wait for.
   * The promise rejects with `overloaded` if the queue is full, or with the reason of a cancellation.
   */
  acquire(cancellation?: CancellationToken): Promise<void> | null {
    if (this.#inFlight >= this.#maxInFlight) return this.#enqueue(cancellation)
    this.#inFlight++
    return null
  }

  release(): void {
    // The slot passes directly to the first queued request, so new requests cannot overtake.
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
