/** A request that is under way, and how many wait for it. */
interface Flight<T> {
  readonly answer: Promise<T>
  readonly controller: AbortController
  waiting: number
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

  /** `onJoin` is told when nothing is begun. Rejects with the signal's reason when the signal aborts first. */
  join(
    key: string,
    signal: AbortSignal | undefined,
    begin: (signal: AbortSignal) => Promise<T>,
    onJoin: () => void,
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    let flight = this.#flights.get(key)
    if (flight === undefined) flight = this.#begin(key, begin)
    else onJoin()
    flight.waiting++
    return signal === undefined ? flight.answer : this.#untilAborted(key, flight, signal)
  }

  /** What is asked from now on does not share what is under way: something was done that may change the answer. */
  forget(): void {
    this.#flights.clear()
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const flight: Flight<T> = { answer: begin(controller.signal), controller, waiting: 0 }
    this.#flights.set(key, flight)
    const land = () => this.#remove(key, flight)
    flight.answer.then(land, land)
    return flight
  }

  #untilAborted(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        flight.waiting--
        if (flight.waiting === 0) {
          this.#remove(key, flight)
          flight.controller.abort(signal.reason)
        }
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      const settle = () => signal.removeEventListener('abort', leave)
      flight.answer.then(
        answer => {
          settle()
          resolve(answer)
        },
        error => {
          settle()
          reject(error)
        },
      )
    })
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
