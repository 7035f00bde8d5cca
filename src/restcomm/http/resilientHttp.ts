import { delay } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'
import type { OperationLog } from '../principal.ts'
import { ConcurrencyLimit } from './concurrencyLimit.ts'
import type { HttpClient, HttpRequest, HttpResponse } from './httpClient.ts'
import { endRequestSpan, type Resource, requestAttributes, startRequestSpan, traceHeaders } from './requestSpan.ts'
import { type RequestScope, UpstreamBreakers } from './upstreamBreakers.ts'
import type { RequestOutcome, UpstreamObserver } from './upstreamObserver.ts'

export interface UpstreamRequest extends HttpRequest, RequestScope {
  readonly resource: Resource
  /** Absent for polls, which are neither logged nor traced. */
  readonly operation?: OperationLog | undefined
  /** Called immediately before sending. If an error is returned, the request is not sent and fails with the error. */
  readonly skipReason?: () => Error | null
}

export interface ResilienceOptions {
  readonly connections: number
  readonly maxQueued: number
  readonly breakerOpenMs: number
  readonly observer: UpstreamObserver
}

/** Maximum number of attempts per GET, including the first. */
const MAX_ATTEMPTS = 3
/** Average delay before the first retry. The average doubles before each later retry. */
const RETRY_DELAY_MS = 20
/**
 * In the long run, at most 5 % of all requests are retries of failed requests, and 3 % are retries of lists with
 * a wrong envelope. Retries of lists cannot use up the budget for failed requests.
 */
const FAILURE_RETRIES_PER_REQUEST = 0.05
const ENVELOPE_RETRIES_PER_REQUEST = 0.03
const MAX_SAVED_RETRIES = 50
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504])

export class ResilientHttp {
  readonly #http: Pick<HttpClient, 'send' | 'close'>
  readonly observer: UpstreamObserver
  readonly #concurrencyLimit: ConcurrencyLimit
  readonly #breakers: UpstreamBreakers
  readonly #retryBudget = new RetryBudget(FAILURE_RETRIES_PER_REQUEST, 3)
  /** Separate, so that requests for nonexistent accounts cannot consume the retries for known accounts. */
  readonly #unknownAccountRetryBudget = new RetryBudget(FAILURE_RETRIES_PER_REQUEST, 3)
  readonly #envelopeRetryBudget = new RetryBudget(ENVELOPE_RETRIES_PER_REQUEST, 1)

  constructor(http: Pick<HttpClient, 'send' | 'close'>, options: ResilienceOptions) {
    this.#http = http
    this.observer = options.observer
    this.#concurrencyLimit = new ConcurrencyLimit(options.connections, options.maxQueued)
    this.#breakers = new UpstreamBreakers(options.breakerOpenMs, state => this.observer.breakerStateChanged(state))
  }

  get stats() {
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
      try {
        const response = await this.#attempt(request)
        const isRetryable = RETRYABLE_STATUSES.has(response.status)
        if (!isRetryable || !this.#tryConsumeRetry(request, attemptNumber, retryBudget)) return response
      } catch (error) {
        if (error instanceof RestcommError && error.failure === 'overloaded') this.observer.overloaded(request.resource)
        if (!isRetryableError(error) || !this.#tryConsumeRetry(request, attemptNumber, retryBudget)) throw error
      }
      this.observer.retried(request.resource, 'failure')
      // Exponential back-off with full jitter.
      await delay(Math.random() * RETRY_DELAY_MS * 2 ** attemptNumber, request.cancellation)
    }
  }

  tryConsumeEnvelopeRetry(resource: Resource): boolean {
    const isAllowed = this.#envelopeRetryBudget.tryWithdraw()
    if (isAllowed) this.observer.retried(resource, 'envelope')
    return isAllowed
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

  /** Waits for a slot of the concurrency limit, then sends once. */
  async #attempt(request: UpstreamRequest): Promise<HttpResponse> {
    this.#breakers.assertAvailable(request)
    const slot = this.#concurrencyLimit.acquire(request.cancellation)
    if (slot !== null) await slot
    try {
      const skipReason = request.skipReason?.() ?? null
      if (skipReason !== null) throw skipReason
      return await this.#sendOnce(request)
    } finally {
      this.#concurrencyLimit.release()
    }
  }

  /** Checks the breakers again, because the request may have waited for a slot. Records the outcome. */
  async #sendOnce(request: UpstreamRequest): Promise<HttpResponse> {
    const permits = this.#breakers.acquire(request)
    const { method, resource, operation } = request
    operation?.requestStarted()
    const span = operation === undefined ? null : startRequestSpan(method, resource)
    const startedAt = performance.now()
    const recordEnd = (outcome: RequestOutcome, status: number | null, error: unknown) => {
      const milliseconds = performance.now() - startedAt
      this.observer.requestEnded(resource, outcome, milliseconds / 1_000)
      operation?.requestEnded(requestAttributes(method, resource), milliseconds, status, error)
      if (span !== null) endRequestSpan(span, status, error)
    }
    let response: HttpResponse
    try {
      response = await this.#http.send(request, span && traceHeaders(span))
    } catch (error) {
      this.#breakers.recordError(permits, request, error)
      recordEnd(outcomeOfError(error), null, error)
      throw error
    }
    const { status, retryAfterSeconds } = response
    this.#breakers.recordResponse(permits, request, status)
    if (retryAfterSeconds !== null) this.#breakers.pause(request, retryAfterSeconds)
    // Only 5xx counts as an error, because the status of a missing or forbidden resource is a normal answer.
    const error = status < 500 ? null : new RestcommError('unavailable', `Restcomm answered with status ${status}.`)
    recordEnd(outcomeOfStatus(status), status, error)
    return response
  }
}

function outcomeOfStatus(status: number): RequestOutcome {
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx'
}

function outcomeOfError(error: unknown): RequestOutcome {
  const failure = error instanceof RestcommError ? error.failure : null
  if (failure === 'timedOut') return 'timeout'
  if (failure === 'unavailable') return 'unreachable'
  return failure === 'malformed' ? 'malformed' : 'cancelled'
}

/** Errors of an open circuit breaker have `retryAfterSeconds` and are not retried. */
function isRetryableError(error: unknown): boolean {
  return error instanceof RestcommError && error.failure === 'unavailable' && error.retryAfterSeconds === null
}

/** Limits retries to a share of all requests, because unlimited retries multiply the load on a failing upstream. */
export class RetryBudget {
  readonly #depositPerRequest: number
  #tokens: number

  /** `initialTokens` retries are available at the start, before requests have filled the budget. */
  constructor(depositPerRequest: number, initialTokens: number) {
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
