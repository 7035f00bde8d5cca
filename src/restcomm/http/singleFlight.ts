import { CancellationToken } from '../cancellationToken.ts'
import type { QueueNode } from '../linkedQueue.ts'

/**
 * Sends concurrent requests with equal keys only once. If all waiters are cancelled, the request is cancelled.
 * A key must contain the credentials and everything that decides the response.
 */
export class SingleFlight<T> {
  readonly #requests = new Map<string, SharedRequest<T>>()

  get size(): number {
    return this.#requests.size
  }

  /** If a request with the key is in flight, shares the response and calls `onDeduplicated`; otherwise calls `send`. */
  run(
    key: string,
    cancellation: CancellationToken | undefined,
    send: (cancellation: CancellationToken) => Promise<T>,
    onDeduplicated: () => void,
  ): Promise<T> {
    if (cancellation?.isCancelled) return Promise.reject(cancellation.reason)
    return new Promise((resolve, reject) => {
      const inFlight = this.#requests.get(key)
      if (inFlight !== undefined) {
        inFlight.add(new Waiter(inFlight, resolve, reject, cancellation))
        onDeduplicated()
        return
      }
      const request = new SharedRequest<T>(this.#requests, key)
      request.add(new Waiter(request, resolve, reject, cancellation))
      request.start(send)
    })
  }

  /** Must be called after a change on the server. Later calls of `run` do not join requests sent before the change. */
  invalidate(): void {
    for (const request of this.#requests.values()) request.isDetached = true
    this.#requests.clear()
  }
}

class SharedRequest<T> {
  /** Whether the request has left the map. A newer request may then use the key. */
  isDetached = false
  readonly #requests: Map<string, SharedRequest<T>>
  readonly #key: string
  readonly #cancellation = new CancellationToken()
  /** Most requests have a single waiter, so the `Set` is created only for a second waiter. */
  #firstWaiter: Waiter<T> | null = null
  #furtherWaiters: Set<Waiter<T>> | null = null

  constructor(requests: Map<string, SharedRequest<T>>, key: string) {
    this.#requests = requests
    this.#key = key
  }

  add(waiter: Waiter<T>): void {
    if (this.#firstWaiter === null) {
      this.#firstWaiter = waiter
    } else {
      this.#furtherWaiters ??= new Set()
      this.#furtherWaiters.add(waiter)
    }
  }

  remove(waiter: Waiter<T>): void {
    if (this.#firstWaiter === waiter) this.#firstWaiter = null
    else this.#furtherWaiters?.delete(waiter)
    if (this.#firstWaiter !== null || (this.#furtherWaiters !== null && this.#furtherWaiters.size > 0)) return
    this.#detach()
    this.#cancellation.cancel(waiter.cancellation?.reason)
  }

  start(send: (cancellation: CancellationToken) => Promise<T>): void {
    const sent = send(this.#cancellation)
    this.#requests.set(this.#key, this)
    sent.then(
      response => {
        this.#detach()
        this.#firstWaiter?.resolve(response)
        for (const waiter of this.#furtherWaiters ?? []) waiter.resolve(response)
      },
      error => {
        this.#detach()
        this.#firstWaiter?.reject(error)
        for (const waiter of this.#furtherWaiters ?? []) waiter.reject(error)
      },
    )
  }

  #detach(): void {
    if (this.isDetached) return
    this.isDetached = true
    // An entry under the key can be a newer request, which must stay in the map.
    if (this.#requests.get(this.#key) === this) this.#requests.delete(this.#key)
  }
}

/** Drops both callbacks when settled. A Map or Set can keep a deleted entry in memory until the next major GC. */
class Waiter<T> {
  readonly cancellation: CancellationToken | undefined
  readonly #cancelHandle: QueueNode | null
  #resolve: ((response: T) => void) | null
  #reject: ((error: unknown) => void) | null

  constructor(
    request: SharedRequest<T>,
    resolve: (response: T) => void,
    reject: (error: unknown) => void,
    cancellation: CancellationToken | undefined,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.cancellation = cancellation
    const onCancel = () => {
      this.reject(cancellation?.reason)
      request.remove(this)
    }
    this.#cancelHandle = cancellation?.add(onCancel) ?? null
  }

  resolve(response: T): void {
    this.#resolve?.(response)
    this.#settle()
  }

  reject(error: unknown): void {
    this.#reject?.(error)
    this.#settle()
  }

  #settle(): void {
    this.#resolve = this.#reject = null
    this.cancellation?.delete(this.#cancelHandle)
  }
}
