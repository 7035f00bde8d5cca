import { Line, type Place } from './linkedQueue.ts'

/**
 * Whether anybody still waits for something that is under way. An `AbortSignal` says the same and weighs a kilobyte,
 * and to take a listener off one of its many it looks at each: too much for every request upstream.
 */
export class Cancellation {
  readonly #listeners = new Line()
  #isCancelled = false
  #reason: unknown

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** What whoever waits is rejected with. */
  get reason(): unknown {
    return this.#reason
  }

  /**
   * Tells all listeners, each once and in the order in which they came. What one of them takes off is told no more. Where
   * some of them throw, one of these errors is thrown when all have been told.
   */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return
    this.#isCancelled = true
    this.#reason = reason
    this.#tell()
  }

  #tell(): void {
    try {
      for (let next = this.#listeners.shift(); next !== null; next = this.#listeners.shift()) next.call()
    } finally {
      if (this.#listeners.length > 0) this.#tell()
    }
  }

  /** What to give to `delete` when it need not be told any more. Null, and never told, where all is cancelled already. */
  add(listener: () => void): Place | null {
    return this.#isCancelled ? null : this.#listeners.join(listener)
  }

  delete(place: Place | null): void {
    if (place !== null) this.#listeners.leave(place)
  }
}

/** Rejects with the reason where that is cancelled first, and lets the work go on. */
export const unlessCancelled = async <T>(work: Promise<T>, cancellation: Cancellation | undefined): Promise<T> => {
  if (cancellation === undefined) return work
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const leave = () => reject(cancellation.reason)
  work.then(resolve, reject)
  const place = cancellation.add(leave)
  if (cancellation.isCancelled) leave()
  try {
    return await promise
  } finally {
    cancellation.delete(place)
  }
}
