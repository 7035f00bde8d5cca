import { LinkedQueue, type QueueNode } from './linkedQueue.ts'

/**
 * Minimal replacement for `AbortSignal`, which takes about 1 kB and removes a listener in O(n). The gateway creates a
 * `CancellationToken` for every upstream request, so a token is small and removes a listener in O(1).
 */
export class CancellationToken {
  readonly #listeners = new LinkedQueue()
  #isCancelled = false
  #reason: unknown

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
    try {
      for (let next = this.#listeners.shift(); next !== null; next = this.#listeners.shift()) next.run()
    } finally {
      if (this.#listeners.length > 0) this.#notify()
    }
  }

  /** Returns a handle for `delete`. After cancellation, returns null and never calls the listener. */
  add(listener: () => void): QueueNode | null {
    return this.#isCancelled ? null : this.#listeners.push(listener)
  }

  delete(handle: QueueNode | null): void {
    if (handle !== null) this.#listeners.remove(handle)
  }
}

/** Settles like `work`. If `cancellation` is cancelled first, rejects with the reason, and `work` continues. */
export async function raceCancellation<T>(work: Promise<T>, cancellation: CancellationToken | undefined): Promise<T> {
  if (cancellation === undefined) return work
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onCancel = () => reject(cancellation.reason)
  work.then(resolve, reject)
  const handle = cancellation.add(onCancel)
  if (cancellation.isCancelled) onCancel()
  try {
    return await promise
  } finally {
    cancellation.delete(handle)
  }
}
