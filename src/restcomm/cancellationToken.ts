type Listener = () => void

/**
 * Minimal replacement for `AbortSignal`, which takes about 1 kB and removes a listener in O(n). The gateway creates a
 * `CancellationToken` for every upstream request, so a token is small and removes a listener in O(1).
 */
export class CancellationToken {
  /** When the token will be cancelled, a value of `performance.now()`. Work that takes longer should not start. */
  deadline = Number.POSITIVE_INFINITY
  #isCancelled = false
  #reason: unknown
  /** Most tokens have a single listener. A set in each token takes 5 % of the CPU time of a query with 50 requests. */
  #first: Listener | undefined
  #others: Set<Listener> | undefined

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  get reason(): unknown {
    return this.#reason
  }

  /**
   * Calls every listener once, in the order of registration. If a listener deletes a later listener, the later listener
   * is not called. If listeners throw, the last error is thrown after all listeners were called.
   */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return
    this.#isCancelled = true
    this.#reason = reason
    this.#notify()
  }

  #notify(): void {
    const first = this.#first
    this.#first = undefined
    try {
      first?.()
      for (const listener of this.#others ?? []) {
        this.#others?.delete(listener)
        listener()
      }
    } finally {
      if (this.#others?.size) this.#notify()
    }
  }

  /** If the token is already cancelled, calls the listener at once. */
  add(listener: Listener): void {
    if (this.#isCancelled) {
      listener()
    } else if (this.#first === undefined && this.#others === undefined) {
      this.#first = listener
    } else {
      this.#others ??= new Set()
      this.#others.add(listener)
    }
  }

  delete(listener: Listener): void {
    if (this.#first === listener) this.#first = undefined
    else this.#others?.delete(listener)
  }
}

/** Settles like `work`. If `cancellation` is cancelled first, rejects with the reason, and `work` continues. */
export async function raceCancellation<T>(work: Promise<T>, cancellation: CancellationToken | undefined): Promise<T> {
  if (cancellation === undefined) return work
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onCancel = () => reject(cancellation.reason)
  work.then(resolve, reject)
  cancellation.add(onCancel)
  try {
    return await promise
  } finally {
    cancellation.delete(onCancel)
  }
}

/** Resolves after `delayMs`. If `cancellation` is cancelled first, stops the timer and rejects with the reason. */
export async function delay(delayMs: number, cancellation: CancellationToken | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, delayMs)
  try {
    await raceCancellation(promise, cancellation)
  } finally {
    clearTimeout(timer)
  }
}
