import type { Cancellation } from '../cancellation.ts'
import { RestcommError } from '../errors.ts'
import { Line } from '../linkedQueue.ts'

/** Seconds until it is worth trying again what was too much. */
const RETRY_AFTER = 1

/**
 * Bounds how much is under way at the same time, and how much waits for its turn. What waits and is given up leaves the
 * line at once, and makes room for another.
 */
export class Bulkhead {
  readonly #capacity: number
  readonly #maximumWaiting: number
  readonly #line = new Line()
  #inFlight = 0

  constructor(capacity: number, maximumWaiting: number) {
    this.#capacity = capacity
    this.#maximumWaiting = maximumWaiting
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#line.length
  }

  /**
   * Takes a place, to be left with `leave`: null where there is one at once, and otherwise when the promise resolves. It
   * rejects at once with `overloaded` where too many wait already, and with the reason for which it is given up.
   */
  enter(cancellation?: Cancellation): Promise<void> | null {
    if (this.#inFlight >= this.#capacity) return this.#turn(cancellation)
    this.#inFlight++
    return null
  }

  leave(): void {
    // The place is handed on, so that nobody who comes just now takes it first.
    const next = this.#line.shift()
    if (next === null) this.#inFlight--
    else next.call()
  }

  /** Resolves with a place that another has left. */
  #turn(cancellation: Cancellation | undefined): Promise<void> {
    if (this.#line.length >= this.#maximumWaiting) {
      const message = 'Too many requests to Restcomm are waiting already (RESTCOMM_MAX_WAITING); try again later.'
      return Promise.reject(new RestcommError('overloaded', message, { retryAfter: RETRY_AFTER }))
    }
    if (cancellation?.isCancelled) return Promise.reject(cancellation.reason)
    return new Promise((resolve, reject) => {
      const place = this.#line.join(() => {
        cancellation?.delete(patience)
        resolve()
      })
      const giveUp = () => {
        this.#line.leave(place)
        reject(cancellation?.reason)
      }
      const patience = cancellation?.add(giveUp) ?? null
    })
  }
}
