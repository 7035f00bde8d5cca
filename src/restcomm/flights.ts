import { Cancellation } from './cancellation.ts'

/** One who waits for a flight. */
interface Waiter<T> {
  readonly resolve: (answer: T) => void
  readonly reject: (error: unknown) => void
  readonly patience: Cancellation | undefined
  readonly leave: () => void
}

/** A request that is under way, and those who wait for it. */
interface Flight<T> {
  readonly cancellation: Cancellation
  readonly waiters: Set<Waiter<T>>
}

/**
 * Equal requests that are made while one of them is under way share its answer. One who gives up leaves alone; the
 * request is given up with the last who waits for it.
 *
 * The key must name all that decides the answer, and whose it is.
 */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  get size(): number {
    return this.#flights.size
  }

  /** `onJoin` is told when nothing is begun. Rejects with the reason for which `patience` is cancelled first. */
  join(
    key: string,
    patience: Cancellation | undefined,
    begin: (cancellation: Cancellation) => Promise<T>,
    onJoin: () => void,
  ): Promise<T> {
    if (patience?.isCancelled) return Promise.reject(patience.reason)
    return new Promise((resolve, reject) => {
      const known = this.#flights.get(key)
      const flight: Flight<T> = known ?? { cancellation: new Cancellation(), waiters: new Set() }
      const leave = () => {
        flight.waiters.delete(waiter)
        reject(patience?.reason)
        if (flight.waiters.size > 0) return
        this.#remove(key, flight)
        flight.cancellation.cancel(patience?.reason)
      }
      const waiter = { resolve, reject, patience, leave }
      flight.waiters.add(waiter)
      patience?.add(leave)
      if (known === undefined) this.#begin(key, flight, begin)
      else onJoin()
    })
  }

  /** What is asked from now on does not share what is under way: something was done that may change the answer. */
  forget(): void {
    this.#flights.clear()
  }

  #begin(key: string, flight: Flight<T>, begin: (cancellation: Cancellation) => Promise<T>): void {
    this.#flights.set(key, flight)
    const land = (tell: (waiter: Waiter<T>) => void) => {
      this.#remove(key, flight)
      for (const waiter of flight.waiters) {
        waiter.patience?.delete(waiter.leave)
        tell(waiter)
      }
    }
    begin(flight.cancellation).then(
      answer => land(({ resolve }) => resolve(answer)),
      error => land(({ reject }) => reject(error)),
    )
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
