import { delay } from '../cancellationToken.ts'
import { credentialsRejected, RestcommError } from '../errors.ts'
import type { OperationLog } from '../principal.ts'
import { FairQueue } from './fairQueue.ts'
import type { HttpClient, HttpRequest, HttpResponse } from './httpClient.ts'
import { endRequestSpan, type Resource, requestAttributes, startRequestSpan, traceHeaders } from './requestSpan.ts'
import {
  ABANDONED_AFTER_MS,
  accountIn,
  type RequestScope,
  TRIAL_TIMEOUT_MS,
  UpstreamBreakers,
} from './upstreamBreakers.ts'
import type { RequestOutcome, UpstreamObserver } from './upstreamObserver.ts'

export interface UpstreamRequest extends HttpRequest, RequestScope {
  readonly resource: Resource
  /** Absent for polls, which are neither logged nor traced. */
  readonly operation?: OperationLog | undefined
}

export interface ResilienceOptions {
  readonly connections: number
  readonly maxQueued: number
  /** Time limit of each attempt of a GET. */
  readonly timeoutMs: number
  /** Time limit of a POST. */
  readonly commandTimeoutMs: number
  /** Resolves with the error of a request without credentials; null if Restcomm is reachable. */
  readonly probe: () => Promise<Error | null>
  readonly observer: UpstreamObserver
}

type Http = Pick<HttpClient, 'send' | 'resendReads' | 'close'>

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
/** Weight of a slow answer in the estimate of the answer time. */
const ANSWER_TIME_WEIGHT = 1 / 16
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504])

export class ResilientHttp {
  readonly #http: Http
  readonly observer: UpstreamObserver
  readonly #options: ResilienceOptions
  readonly #queue: FairQueue
  readonly #breakers: UpstreamBreakers
  readonly #retryBudget = new RetryBudget(FAILURE_RETRIES_PER_REQUEST, 3)
  /** Separate, so that requests for nonexistent accounts cannot consume the retries for known accounts. */
  readonly #unknownAccountRetryBudget = new RetryBudget(FAILURE_RETRIES_PER_REQUEST, 3)
  readonly #envelopeRetryBudget = new RetryBudget(ENVELOPE_RETRIES_PER_REQUEST, 1)
  /** Low estimate of the answer time: falls at once and rises slowly, so slow answers for some clients stop no others. */
  #answerTimeMs = 0

  constructor(http: Http, options: ResilienceOptions) {
    this.#http = http
    this.observer = options.observer
    this.#options = options
    this.#queue = new FairQueue(options.connections, options.maxQueued)
    this.#breakers = new UpstreamBreakers(options.probe, (change, { authorization }) => {
      this.observer.breakerChanged(change)
      if (change.state === 'closed') http.resendReads(change.scope === 'server' ? null : authorization)
    })
  }

  get stats() {
    const { inFlight, waiting, oldestWaitingMs } = this.#queue
    return { inFlight, queued: waiting, oldestWaitingMs, breaker: this.#breakers.state }
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
        if (!this.#isRetryable(error, request) || !this.#tryConsumeRetry(request, attemptNumber, retryBudget))
          throw error
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
    this.#breakers.close()
    return this.#http.close()
  }

  /** Errors of an open circuit breaker have `retryAfterSeconds` and are not retried. */
  #isRetryable(error: unknown, { cancellation }: UpstreamRequest): boolean {
    if (!(error instanceof RestcommError)) return false
    if (error.failure === 'unavailable') return error.retryAfterSeconds === null
    // After a timeout, a retry must fit into the remaining time.
    const remainingMs = (cancellation?.deadline ?? 0) - performance.now()
    return error.failure === 'timedOut' && remainingMs >= this.#options.timeoutMs
  }

  #tryConsumeRetry(request: UpstreamRequest, attemptNumber: number, retryBudget: RetryBudget): boolean {
    return (
      request.method === 'GET' &&
      attemptNumber < MAX_ATTEMPTS &&
      this.#breakers.isWorthRetrying(request) &&
      retryBudget.tryWithdraw()
    )
  }

  /** Waits for a slot of the queue, then sends once. A trial request does not wait, so that hanging requests cannot delay it. */
  async #attempt(request: UpstreamRequest): Promise<HttpResponse> {
    const { clientId, isAccepted, cancellation } = request
    const { timeoutMs, commandTimeoutMs } = this.#options
    const trialTimeoutMs = Math.min(timeoutMs, TRIAL_TIMEOUT_MS)
    if (this.#breakers.admit(request)) return this.#sendOnce(request, trialTimeoutMs)
    const slot = this.#queue.acquire(clientId, isAccepted, cancellation)
    if (slot !== null) await slot
    try {
      // A breaker may have opened while the request waited.
      const isTrial = slot !== null && this.#breakers.admit(request)
      const limitMs = request.method === 'POST' ? commandTimeoutMs : isTrial ? trialTimeoutMs : timeoutMs
      return await this.#sendOnce(request, limitMs)
    } finally {
      this.#queue.release(clientId)
    }
  }

  /** Sends the request, unless no answer can be expected before the deadline. Records the outcome. */
  async #sendOnce(request: UpstreamRequest, timeoutMs: number): Promise<HttpResponse> {
    const { method, resource, operation, cancellation } = request
    const startedAt = performance.now()
    const neededMs = method === 'POST' ? timeoutMs : this.#answerTimeMs
    if (cancellation !== undefined && cancellation.deadline - startedAt < neededMs) throw tooLate(method)
    operation?.requestStarted()
    const span = operation === undefined ? null : startRequestSpan(method, resource)
    const recordEnd = (outcome: RequestOutcome, status: number | null, error: unknown) => {
      const milliseconds = performance.now() - startedAt
      this.observer.requestEnded(resource, outcome, milliseconds / 1_000)
      operation?.requestEnded(requestAttributes(method, resource), milliseconds, status, error)
      if (span !== null) endRequestSpan(span, status, error)
    }
    let response: HttpResponse
    try {
      response = await this.#http.send(request, timeoutMs, span && traceHeaders(span))
    } catch (error) {
      this.#breakers.recordError(request, startedAt, error)
      recordEnd(outcomeOfError(error, startedAt), null, error)
      throw error
    }
    const { status, retryAfterSeconds } = response
    if (retryAfterSeconds !== null) this.observer.paused(accountIn(request.path), retryAfterSeconds)
    this.#breakers.recordResponse(request, startedAt, status, retryAfterSeconds)
    if (method === 'GET') this.#recordAnswerTime(performance.now() - startedAt)
    if (!request.isAccepted && status < 300) this.#queue.accept(request.clientId)
    if (!request.isAccepted && status === 401) this.#queue.rejectUnverified(request.clientId, credentialsRejected())
    // Only 5xx counts as an error, because the status of a missing or forbidden resource is a normal answer.
    const error = status < 500 ? null : new RestcommError('unavailable', `Restcomm answered with status ${status}.`)
    recordEnd(outcomeOfStatus(status), status, error)
    return response
  }

  #recordAnswerTime(milliseconds: number): void {
    const difference = milliseconds - this.#answerTimeMs
    this.#answerTimeMs += difference < 0 ? difference : difference * ANSWER_TIME_WEIGHT
  }
}

/** The retry delay marks a request that was not sent. */
function tooLate(method: 'GET' | 'POST'): RestcommError {
  const request = method === 'POST' ? 'command' : 'request'
  const message = `A ${request} was not sent to Restcomm, because too little time was left (REQUEST_TIMEOUT_MS); try again.`
  return new RestcommError('deadlineExceeded', message, { retryAfterSeconds: 1 })
}

function outcomeOfStatus(status: number): RequestOutcome {
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx'
}

function outcomeOfError(error: unknown, startedAt: number): RequestOutcome {
  const failure = error instanceof RestcommError ? error.failure : null
  if (failure === 'timedOut' || failure === 'deadlineExceeded') return 'timeout'
  if (failure === 'unavailable') return 'unreachable'
  if (failure === 'malformed') return 'malformed'
  return performance.now() - startedAt >= ABANDONED_AFTER_MS ? 'abandoned' : 'cancelled'
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
