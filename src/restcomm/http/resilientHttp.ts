import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'
import { AttemptRecorder, type UpstreamRequest } from './attemptRecorder.ts'
import { ConcurrencyLimit } from './concurrencyLimit.ts'
import type { HttpResponse } from './dispatchHandler.ts'
import type { HttpClient } from './httpClient.ts'
import { UpstreamBreakers } from './upstreamBreakers.ts'
import type { BreakerState, Resource, UpstreamObserver } from './upstreamObserver.ts'

export interface ResilienceOptions {
  readonly connections: number
  readonly maxQueued: number
  readonly breakerOpenMs: number
  readonly observer: UpstreamObserver
}

interface UpstreamStats {
  readonly inFlight: number
  readonly queued: number
  readonly breaker: BreakerState
}

/** Maximum number of attempts per GET, including the first. */
const MAX_ATTEMPTS = 3
/** Average delay before the first retry. The average doubles before each later retry. */
const RETRY_DELAY_MS = 20
/**
 * In the long run, at most 5 % of all requests are retries of failed requests, and 3 % are retries of lists with
 * a wrong envelope. Retries of lists cannot use up the budget for failed requests.
 */
const FAILURE_RETRIES = { depositPerRequest: 0.05, initialTokens: 3 }
const ENVELOPE_RETRIES = { depositPerRequest: 0.03, initialTokens: 1 }
const MAX_SAVED_RETRIES = 50
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504])

export class ResilientHttp {
  readonly #http: Pick<HttpClient, 'send' | 'close'>
  readonly observer: UpstreamObserver
  readonly #concurrencyLimit: ConcurrencyLimit
  readonly #breakers: UpstreamBreakers
  readonly #retryBudget = new RetryBudget(FAILURE_RETRIES)
  /** Separate, so that requests for nonexistent accounts cannot consume the retries for known accounts. */
  readonly #unknownAccountRetryBudget = new RetryBudget(FAILURE_RETRIES)
  readonly #envelopeRetryBudget = new RetryBudget(ENVELOPE_RETRIES)

  constructor(
    http: Pick<HttpClient, 'send' | 'close'>,
    { connections, maxQueued, breakerOpenMs, observer }: ResilienceOptions,
  ) {
    this.#http = http
    this.observer = observer
    this.#concurrencyLimit = new ConcurrencyLimit(connections, maxQueued)
    this.#breakers = new UpstreamBreakers({
      openMs: breakerOpenMs,
      onStateChange: state => observer.breakerStateChanged(state),
    })
  }

  get stats(): UpstreamStats {
    return {
      inFlight: this.#concurrencyLimit.inFlight,
      queued: this.#concurrencyLimit.queued,
      breaker: this.#breakers.state,
    }
  }

  /** Returns the response of the last attempt, with any status. Never retries a POST. */
  async send(request: UpstreamRequest): Promise<HttpResponse> {
    const retryBudget = request.isKnownAccount ? this.#retryBudget : this.#unknownAccountRetryBudget
    retryBudget.deposit()
    this.#envelopeRetryBudget.deposit()
    for (let attemptNumber = 1; ; attemptNumber++) {
      let attempt: AttemptRecorder | null = null
      try {
        // `AttemptRecorder` checks the breakers again after the wait in the queue.
        this.#breakers.assertAvailable(request)
        const slot = this.#concurrencyLimit.acquire(request.cancellation)
        if (slot !== null) await slot
        attempt = this.#startAttempt(request)
        const response = await this.#http.send(request, attempt.traceHeaders)
        attempt.complete(response.status)
        const isRetryable = RETRYABLE_STATUSES.has(response.status)
        if (!isRetryable || !this.#tryConsumeRetry(request, attemptNumber, retryBudget)) return response
      } catch (error) {
        attempt?.fail(error)
        if (error instanceof RestcommError && error.failure === 'overloaded') this.observer.overloaded(request.resource)
        if (!isRetryableError(error) || !this.#tryConsumeRetry(request, attemptNumber, retryBudget)) throw error
      }
      this.observer.retried(request.resource, 'failure')
      await retryDelay(attemptNumber, request.cancellation)
    }
  }

  tryConsumeEnvelopeRetry(resource: Resource): boolean {
    const isAllowed = this.#envelopeRetryBudget.tryWithdraw()
    if (isAllowed) this.observer.retried(resource, 'envelope')
    return isAllowed
  }

  deduplicated(resource: Resource): void {
    this.observer.deduplicated(resource)
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #tryConsumeRetry(request: UpstreamRequest, attemptNumber: number, retryBudget: RetryBudget): boolean {
    return (
      request.method === 'GET' &&
      attemptNumber < MAX_ATTEMPTS &&
      this.#breakers.isWorthRetrying(request) &&
      retryBudget.tryWithdraw()
    )
  }

  /** If the attempt does not start, releases the slot of the concurrency limit. */
  #startAttempt(request: UpstreamRequest): AttemptRecorder {
    try {
      const skipReason = request.skipReason?.() ?? null
      if (skipReason !== null) throw skipReason
      return new AttemptRecorder(request, this.#breakers, this.#concurrencyLimit, this.observer)
    } catch (error) {
      this.#concurrencyLimit.release()
      throw error
    }
  }
}

/** Errors of an open circuit breaker have `retryAfterSeconds` and are not retried. */
function isRetryableError(error: unknown): boolean {
  return error instanceof RestcommError && error.failure === 'unavailable' && error.retryAfterSeconds === null
}

/** Waits with exponential back-off and full jitter. A cancellation rejects the promise with the reason. */
function retryDelay(attemptNumber: number, cancellation: CancellationToken | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onCancel = () => {
      clearTimeout(timer)
      reject(cancellation?.reason)
    }
    const onTimeout = () => {
      cancellation?.delete(onCancel)
      resolve()
    }
    const timer = setTimeout(onTimeout, Math.random() * RETRY_DELAY_MS * 2 ** attemptNumber)
    cancellation?.add(onCancel)
    if (cancellation?.isCancelled) onCancel()
  })
}

/** Limits retries to a share of all requests, because unlimited retries multiply the load on a failing upstream. */
export class RetryBudget {
  readonly #depositPerRequest: number
  #tokens: number

  /** `initialTokens` retries are available at the start, before requests have filled the budget. */
  constructor({ depositPerRequest, initialTokens }: { depositPerRequest: number; initialTokens: number }) {
    this.#depositPerRequest = depositPerRequest
    this.#tokens = initialTokens
  }

  /** Must be called once for each request, not for retries. */
  deposit(): void {
    this.#tokens = Math.min(MAX_SAVED_RETRIES, this.#tokens + this.#depositPerRequest)
  }

  /** Takes a token for a retry; returns false if no token is left. */
  tryWithdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
