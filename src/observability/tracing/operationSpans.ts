import type { IncomingHttpHeaders } from 'node:http'
import { type Attributes, NOOP_TRACER, type Tracer } from '../../tracer.ts'
import type { OperationTracer, Tracing } from './tracing.ts'

/**
 * Creates the spans of an operation. The span of a subscription ends when the stream starts. Afterwards, each event
 * with upstream requests has a separate span.
 */
export class OperationSpans {
  readonly #tracing: Tracing
  readonly #headers: IncomingHttpHeaders | undefined
  #name: string | null = null
  #startTime = 0
  #operationSpan: OperationTracer | null = null
  #isSubscription = false
  #hasEnded = false
  /** Span of the current event, created at the first upstream request; null between events. */
  #eventSpan: OperationTracer | null = null

  constructor(tracing: Tracing, headers: IncomingHttpHeaders | undefined) {
    this.#tracing = tracing
    this.#headers = headers
  }

  get traceId(): string | undefined {
    return this.#operationSpan?.traceId
  }

  /** `type` and `name` are null if unknown. `elapsedMs` is the time since arrival. Has an effect only once. */
  start(type: string | null, name: string | null, elapsedMs: number): void {
    if (this.#operationSpan !== null) return
    this.#name = name
    this.#isSubscription = type === 'subscription'
    // Uses the system clock, like child spans, because `performance.now()` drifts from the system clock over time.
    this.#startTime = Date.now() - elapsedMs
    this.#operationSpan = this.#tracing.startOperation({
      name: type === null ? 'GraphQL Operation' : withName(type, name),
      attributes: { ...(type !== null && { 'graphql.operation.type': type }), ...nameOf(name) },
      startTime: this.#startTime,
      headers: this.#headers,
    })
  }

  get tracer(): Tracer {
    if (this.#operationSpan === null) return NOOP_TRACER
    if (!this.#isSubscription || !this.#hasEnded) return this.#operationSpan
    this.#eventSpan ??= this.#tracing.startOperation({
      name: withName('event', this.#name),
      attributes: nameOf(this.#name),
      linkedTo: this.#operationSpan,
    })
    return this.#eventSpan
  }

  end(errorType: string | null, attributes: Attributes, durationMs: number): void {
    this.#operationSpan?.end(errorType, attributes, this.#startTime + durationMs)
    this.#hasEnded = true
  }

  endEvent(errorType: string | null): void {
    this.#eventSpan?.end(errorType, {})
    this.#eventSpan = null
  }
}

const withName = (prefix: string, name: string | null): string => (name === null ? prefix : `${prefix} ${name}`)

const nameOf = (name: string | null): Attributes => (name === null ? {} : { 'graphql.operation.name': name })
