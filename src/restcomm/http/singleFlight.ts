import { Cancellation } from '../cancellation.ts'
import type { Place } from '../linkedQueue.ts'

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
      if (known !== undefined) {
        known.join(new Waiter(known, resolve, reject, patience))
        onJoin()
        return
      }
      const flight = new Flight<T>(this.#flights, key)
      flight.join(new Waiter(flight, resolve, reject, patience))
      flight.begin(begin)
    })
  }

  /** What is asked from now on does not share what is under way: something was done that may change the answer. */
  forget(): void {
    for (const flight of this.#flights.values()) flight.isForgotten = true
    this.#flights.clear()
  }
}

/** A request that is under way, and those who wait for it. */
class Flight<T> {
  /** Whether another may have taken its place, or nobody. */
  isForgotten = false
  readonly #flights: Map<string, Flight<T>>
  readonly #key: string
  readonly #cancellation = new Cancellation()
  /** Hardly ever more than one. */
  #first: Waiter<T> | null = null
  #others: Set<Waiter<T>> | null = null

  constructor(flights: Map<string, Flight<T>>, key: string) {
    this.#flights = flights
    this.#key = key
  }

  join(waiter: Waiter<T>): void {
    if (this.#first === null) {
      this.#first = waiter
    } else {
      this.#others ??= new Set()
      this.#others.add(waiter)
    }
  }

  leave(waiter: Waiter<T>): void {
    if (this.#first === waiter) this.#first = null
    else this.#others?.delete(waiter)
    if (this.#first !== null || (this.#others !== null && this.#others.size > 0)) return
    this.#remove()
    this.#cancellation.cancel(waiter.patience?.reason)
  }

  begin(begin: (cancellation: Cancellation) => Promise<T>): void {
    const begun = begin(this.#cancellation)
    this.#flights.set(this.#key, this)
    begun.then(
      answer => {
        this.#remove()
        this.#first?.resolve(answer)
        for (const waiter of this.#others ?? []) waiter.resolve(answer)
      },
      error => {
        this.#remove()
        this.#first?.reject(error)
        for (const waiter of this.#others ?? []) waiter.reject(error)
      },
    )
  }

  #remove(): void {
    if (this.isForgotten) return
    this.isForgotten = true
    // Where it could not even begin, another may stand in its place.
    if (this.#flights.get(this.#key) === this) this.#flights.delete(this.#key)
  }
}

/**
 * One who waits for a flight, until it is told or gives up. From then on it has nothing of the answer: a map or a set
 * that has outgrown its table leaves that behind with all that was in it, and where the table is old, nothing of that is
 * freed before the next full collection.
 */
class Waiter<T> {
  readonly patience: Cancellation | undefined
  readonly #place: Place | null
  #resolve: ((answer: T) => void) | null
  #reject: ((error: unknown) => void) | null

  constructor(
    flight: Flight<T>,
    resolve: (answer: T) => void,
    reject: (error: unknown) => void,
    patience: Cancellation | undefined,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.patience = patience
    const giveUp = () => {
      this.reject(patience?.reason)
      flight.leave(this)
    }
    this.#place = patience?.add(giveUp) ?? null
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
    this.patience?.delete(this.#place)
  }
}
