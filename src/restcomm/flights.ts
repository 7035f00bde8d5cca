import { Cancellation } from './cancellation.ts'

/** A request that is under way, and those who wait for it. */
interface Flight<T> {
  readonly cancellation: Cancellation
  readonly waiters: Set<Waiter<T>>
  /** Whether another may have taken its place, or nobody. */
  isForgotten: boolean
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
    const known = this.#flights.get(key)
    const flight: Flight<T> = known ?? { cancellation: new Cancellation(), waiters: new Set(), isForgotten: false }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    flight.waiters.add(new Waiter(resolve, reject, patience, waiter => this.#leave(key, flight, waiter)))
    if (known === undefined) this.#begin(key, flight, begin)
    else onJoin()
    return promise
  }

  /** What is asked from now on does not share what is under way: something was done that may change the answer. */
  forget(): void {
    for (const flight of this.#flights.values()) flight.isForgotten = true
    this.#flights.clear()
  }

  #begin(key: string, flight: Flight<T>, begin: (cancellation: Cancellation) => Promise<T>): void {
    const begun = begin(flight.cancellation)
    this.#flights.set(key, flight)
    begun.then(
      answer => {
        for (const waiter of this.#land(key, flight)) waiter.resolve(answer)
      },
      error => {
        for (const waiter of this.#land(key, flight)) waiter.reject(error)
      },
    )
  }

  #land(key: string, flight: Flight<T>): Iterable<Waiter<T>> {
    this.#remove(key, flight)
    return flight.waiters
  }

  #leave(key: string, flight: Flight<T>, waiter: Waiter<T>): void {
    flight.waiters.delete(waiter)
    if (flight.waiters.size > 0) return
    this.#remove(key, flight)
    flight.cancellation.cancel(waiter.patience?.reason)
  }

  #remove(key: string, flight: Flight<T>): void {
    if (flight.isForgotten) return
    flight.isForgotten = true
    this.#flights.delete(key)
  }
}

/**
 * One who waits for a flight, until it is told or gives up. From then on it has nothing of the answer: a map or a set
 * that has outgrown its table leaves that behind with all that was in it, and where the table is old, nothing of that is
 * freed before the next full collection.
 */
class Waiter<T> {
  readonly patience: Cancellation | undefined
  #resolve: ((answer: T) => void) | null
  #reject: ((error: unknown) => void) | null
  readonly #giveUp: () => void

  constructor(
    resolve: (answer: T) => void,
    reject: (error: unknown) => void,
    patience: Cancellation | undefined,
    onLeave: (waiter: Waiter<T>) => void,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.patience = patience
    this.#giveUp = () => {
      this.reject(patience?.reason)
      onLeave(this)
    }
    patience?.add(this.#giveUp)
  }

  resolve(answer: T): void {
    this.#resolve?.(answer)
    this.#end()
  }

  reject(error: unknown): void {
    this.#reject?.(error)
    this.#end()
  }

  #end(): void {
    this.#resolve = this.#reject = null
    this.patience?.delete(this.#giveUp)
  }
}
