import type { Span } from '@opentelemetry/api'
import { RestcommError } from '../errors.ts'
import type { OperationLog } from '../principal.ts'
import type { ConcurrencyLimit } from './concurrencyLimit.ts'
import type { HttpRequest } from './httpClient.ts'
import { endRequestSpan, requestAttributes, startRequestSpan, traceHeaders } from './requestSpan.ts'
import type { Permits, RequestScope, UpstreamBreakers } from './upstreamBreakers.ts'
import type { RequestOutcome, Resource, UpstreamObserver } from './upstreamObserver.ts'

export interface UpstreamRequest extends HttpRequest, RequestScope {
  readonly resource: Resource
  /** Absent for polls, which are neither logged nor traced. */
  readonly operation: OperationLog | undefined
  /** Called immediately before sending. If an error is returned, the request is not sent and fails with the error. */
  readonly skipReason?: () => Error | null
}

/** Records an attempt to send a request. To release the slot, `complete` or `fail` must be called exactly once. */
export class AttemptRecorder {
  readonly #request: UpstreamRequest
  readonly #breakers: UpstreamBreakers
  readonly #concurrencyLimit: ConcurrencyLimit
  readonly #observer: UpstreamObserver
  readonly #permits: Permits
  readonly #startedAt: number
  readonly #span: Span | null

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
    request.operation?.requestStarted()
    this.#span = request.operation === undefined ? null : startRequestSpan(request.method, request.resource)
    this.#startedAt = performance.now()
  }

  /** Headers which continue the trace in Restcomm; null if the request is not traced. */
  get traceHeaders(): Readonly<Record<string, string>> | null {
    return this.#span && traceHeaders(this.#span)
  }

  /** Only 5xx counts as an error, because the status of a missing or forbidden resource is a normal answer. */
  complete(status: number): void {
    this.#breakers.recordResponse(this.#permits, this.#request, status)
    const error =
      status < 500 ? null : new RestcommError('unavailable', `Restcomm answered with status ${status}.`, { status })
    this.#end(outcomeOfStatus(status), status, error)
  }

  fail(error: unknown): void {
    this.#breakers.recordError(this.#permits, this.#request, error)
    this.#end(outcomeOfError(error), null, error)
  }

  #end(outcome: RequestOutcome, status: number | null, error: unknown): void {
    const { method, resource, operation } = this.#request
    const milliseconds = performance.now() - this.#startedAt
    this.#observer.requestEnded(resource, outcome, milliseconds / 1_000)
    operation?.requestEnded(requestAttributes(method, resource), milliseconds, status, error)
    if (this.#span !== null) endRequestSpan(this.#span, status, error)
    this.#concurrencyLimit.release()
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
