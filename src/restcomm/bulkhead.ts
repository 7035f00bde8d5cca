import { RestcommError } from './errors.ts'

/** Seconds until it is worth trying again what was too much. */
const RETRY_AFTER = 1

/**
 * Bounds how much is under way at the same time, and how much waits for its turn. What waits and is given up leaves the
 * line at once, and makes room for another.
 */
export class Bulkhead {
  readonly #capacity: number
  readonly #maximumWaiting: number
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>()
  #inFlight = 0

  constructor(capacity: number, maximumWaiting: number) {
    this.#capacity = capacity
    this.#maximumWaiting = maximumWaiting
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Rejects at once with `overloaded` where too many wait already, and with the signal's reason when it is given up. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#inFlight < this.#capacity) this.#inFlight++
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** Resolves with a place that another has left. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#maximumWaiting) {
      const message = 'Too many requests to Restcomm are waiting already (RESTCOMM_MAX_WAITING); try again later.'
      return Promise.reject(new RestcommError('overloaded', message, { retryAfter: RETRY_AFTER }))
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(enter)
        reject(signal?.reason)
      }
      if (signal?.aborted) return reject(signal.reason)
      this.#waiting.add(enter)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  #leave(): void {
    for (const enter of this.#waiting) {
      // The place is handed on, so that nobody who comes just now takes it first.
      this.#waiting.delete(enter)
      enter()
      return
    }
    this.#inFlight--
  }
}
