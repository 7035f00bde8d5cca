/**
 * Whether anybody still waits for something that is under way. An `AbortSignal` says the same and weighs a kilobyte,
 * and to take a listener off one of its many it looks at each: too much for every request upstream.
 */
export class Cancellation {
  #listeners: Set<() => void> | null = null
  #isCancelled = false
  #reason: unknown

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** What whoever waits is rejected with. */
  get reason(): unknown {
    return this.#reason
  }

  /** Tells all listeners, each once. */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return
    this.#isCancelled = true
    this.#reason = reason
    // What one of them takes off is told no more.
    for (const listener of this.#listeners ?? []) listener()
    this.#listeners = null
  }

  /** Not told of what has been cancelled before. */
  add(listener: () => void): void {
    if (this.#isCancelled) return
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
  }

  delete(listener: () => void): void {
    this.#listeners?.delete(listener)
  }
}

/** Cancelled with the signal, for the same reason. */
export const cancellationOf = (signal: AbortSignal): Cancellation => {
  const cancellation = new Cancellation()
  const cancel = () => cancellation.cancel(signal.reason)
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  return cancellation
}
