import type { Span, Tracer } from '../../tracer.ts'
import { RestcommError } from '../errors.ts'
import type { ConcurrencyLimit } from './concurrencyLimit.ts'
import type { HttpRequest } from './httpClient.ts'
import { endRequestSpan, startRequestSpan } from './requestSpan.ts'
import type { Permits, RequestScope, UpstreamBreakers } from './upstreamBreakers.ts'
import type { RequestOutcome, Resource, UpstreamObserver } from './upstreamObserver.ts'

export interface UpstreamRequest extends HttpRequest, RequestScope {
  readonly resource: Resource
  readonly tracer: Tracer
  /** Called immediately before sending. If an error is returned, the request is not sent and fails with the error. */
  readonly skipReason?: () => Error | null
}

/** Records an attempt to send a request. To release the slot, `complete` or `fail` must be called exactly once. */
export class AttemptRecorder {
  readonly span: Span
  readonly #request: UpstreamRequest
  readonly #breakers: UpstreamBreakers
  readonly #concurrencyLimit: ConcurrencyLimit
  readonly #observer: UpstreamObserver
  readonly #permits: Permits
  readonly #startedAt: number

  /** Throws if a circuit breaker is open. */
  constructor(
    request: UpstreamRequest,
    breakers: UpstreamBreakers,
    concurrencyLimit: ConcurrencyLimit,
    observer: UpstreamObserver,
  ) {
    this.#request = request
    this.#breakers = breakers
    this.#concurrencyLimit = concurrencyLimit
    this.#observer = observer
    this.#permits = breakers.acquire(request)
    this.span = startRequestSpan(request.tracer, request.method, request.resource)
    this.#startedAt = performance.now()
  }

  complete(status: number): void {
    this.#breakers.recordResponse(this.#permits, this.#request, status)
    this.#observe(outcomeOfStatus(status))
    endRequestSpan(this.span, status)
    this.#concurrencyLimit.release()
  }

  fail(error: unknown): void {
    this.#breakers.recordError(this.#permits, this.#request, error)
    this.#observe(outcomeOfError(error))
    this.span.end(error)
    this.#concurrencyLimit.release()
  }

  #observe(outcome: RequestOutcome): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    this.#observer.requestEnded(this.#request.resource, outcome, seconds)
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
