import { CancellationToken } from '../cancellationToken.ts'

type Send<T> = (cancellation: CancellationToken) => Promise<T>

interface Waiter<T> {
  readonly resolve: (response: T) => void
  readonly reject: (error: unknown) => void
  readonly cancellation: CancellationToken | undefined
  readonly onCancel: () => void
}

interface SharedRequest<T> {
  readonly cancellation: CancellationToken
  /** An array, because most requests have a single waiter. */
  readonly waiters: Waiter<T>[]
}

/**
 * Sends concurrent requests with equal keys only once. If all waiters are cancelled, the request is cancelled. The
 * deadline is the latest of the waiters.
 * A key must contain the credentials and everything that decides the response.
 */
export class SingleFlight<T> {
  readonly #requests = new Map<string, SharedRequest<T>>()

  get size(): number {
    return this.#requests.size
  }

  /** If a request with the key is in flight, shares the response and calls `onDeduplicated`; otherwise calls `send`. */
  run(key: string, cancellation: CancellationToken | undefined, send: Send<T>, onDeduplicated: () => void): Promise<T> {
    if (cancellation?.isCancelled) return Promise.reject(cancellation.reason)
    return new Promise((resolve, reject) => {
      const inFlight = this.#requests.get(key)
      if (inFlight !== undefined) onDeduplicated()
      const deadline = cancellation?.deadline ?? Number.POSITIVE_INFINITY
      const request = inFlight ?? this.#start(key, deadline, send)
      const onCancel = () => {
        reject(cancellation?.reason)
        request.waiters.splice(request.waiters.indexOf(waiter), 1)
        if (request.waiters.length > 0) return
        this.#end(key, request)
        request.cancellation.cancel(cancellation?.reason)
      }
      const waiter: Waiter<T> = { resolve, reject, cancellation, onCancel }
      request.waiters.push(waiter)
      request.cancellation.deadline = Math.max(request.cancellation.deadline, deadline)
      cancellation?.add(onCancel)
    })
  }

  /** Must be called after a change on the server. Later calls of `run` do not join requests sent before the change. */
  invalidate(): void {
    this.#requests.clear()
  }

  #start(key: string, deadline: number, send: Send<T>): SharedRequest<T> {
    const request: SharedRequest<T> = { cancellation: new CancellationToken(), waiters: [] }
    request.cancellation.deadline = deadline
    const sent = send(request.cancellation)
    this.#requests.set(key, request)
    sent.then(
      response => {
        for (const waiter of this.#end(key, request)) waiter.resolve(response)
      },
      error => {
        for (const waiter of this.#end(key, request)) waiter.reject(error)
      },
    )
    return request
  }

  /**
   * Returns the waiters, which are no longer listening for a cancellation. The array is emptied, because the map can
   * keep deleted entries in memory until the next major garbage collection.
   */
  #end(key: string, request: SharedRequest<T>): SharedRequest<T>['waiters'] {
    // After an invalidation, the entry under the key can be a newer request, which must stay in the map.
    if (this.#requests.get(key) === request) this.#requests.delete(key)
    for (const { cancellation, onCancel } of request.waiters) cancellation?.delete(onCancel)
    return request.waiters.splice(0)
  }
}
