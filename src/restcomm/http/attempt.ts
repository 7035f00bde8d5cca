import type { Span, Trace } from '../../tracer.ts'
import type { Asker, Breakers, Let } from './accountBreakers.ts'
import type { Bulkhead } from './bulkhead.ts'
import { RestcommError } from '../errors.ts'
import type { HttpRequest } from './pool.ts'
import type { RequestOutcome, Resource, UpstreamObserver } from './observer.ts'
import { beginRequest, endRequest } from './span.ts'

export interface UpstreamRequest extends HttpRequest, Asker {
  readonly resource: Resource
  readonly trace: Trace
  /** Asked when its turn has come: why it is of no use any more to send it, or null. */
  readonly refusal?: () => Error | null
}

/**
 * One try of a request, which is sent now and has a place of the bulkhead. When it is over, whoever is to know of it is told,
 * and the place is left: call one of `answered` and `failed`, once.
 */
export class Attempt {
  readonly span: Span
  readonly #request: UpstreamRequest
  readonly #breakers: Breakers
  readonly #bulkhead: Bulkhead
  readonly #observer: UpstreamObserver
  readonly #passage: Let
  readonly #began: number

  /** Throws where the breakers let nothing through. */
  constructor(request: UpstreamRequest, breakers: Breakers, bulkhead: Bulkhead, observer: UpstreamObserver) {
    this.#request = request
    this.#breakers = breakers
    this.#bulkhead = bulkhead
    this.#observer = observer
    this.#passage = breakers.pass(request)
    this.span = beginRequest(request.trace, request.method, request.resource)
    this.#began = performance.now()
  }

  answered(status: number): void {
    this.#breakers.answered(this.#passage, this.#request, status)
    this.#observe(classOf(status))
    endRequest(this.span, status)
    this.#bulkhead.leave()
  }

  failed(error: unknown): void {
    this.#breakers.failed(this.#passage, this.#request, error)
    this.#observe(outcomeOf(error))
    this.span.end(error)
    this.#bulkhead.leave()
  }

  #observe(outcome: RequestOutcome): void {
    this.#observer.requested(this.#request.resource, outcome, (performance.now() - this.#began) / 1_000)
  }
}

const classOf = (status: number): RequestOutcome =>
  status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx'

const outcomeOf = (error: unknown): RequestOutcome => {
  const failure = error instanceof RestcommError ? error.failure : null
  if (failure === 'timedOut') return 'timeout'
  if (failure === 'unavailable') return 'unreachable'
  return failure === 'malformed' ? 'malformed' : 'cancelled'
}
