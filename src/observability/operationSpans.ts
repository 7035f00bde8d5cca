import type { IncomingHttpHeaders } from 'node:http'
import {
  type Attributes,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

/**
 * The spans of an operation. The span of a subscription ends when the stream starts. Afterwards, each event with
 * upstream requests has a span of its own.
 *
 * Must be the active context of OpenTelemetry while the operation runs, so that the spans of batches and of upstream
 * requests become children of the span of the operation or of the current event.
 */
export class OperationSpans implements Context {
  readonly #span: Span
  readonly #context: Context
  #name: string | null = null
  #isSubscription = false
  #hasEnded = false
  /** Context with the span of the current event, created at the first batch or upstream request. */
  #eventContext: Context | null = null

  /** If the headers have a `traceparent`, the span continues the trace of the client. */
  constructor(headers: IncomingHttpHeaders | undefined) {
    const parent = propagation.extract(ROOT_CONTEXT, headers ?? {})
    this.#span = trace.getTracer('restcomm-graphql').startSpan('GraphQL Operation', { kind: SpanKind.SERVER }, parent)
    // Based on the root context, so that the baggage of the client is not sent to Restcomm.
    this.#context = trace.setSpan(ROOT_CONTEXT, this.#span)
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }

  /** `name` is null for an anonymous operation. */
  start(type: string, name: string | null): void {
    this.#name = name
    this.#isSubscription = type === 'subscription'
    this.#span.updateName(name === null ? type : `${type} ${name}`)
    this.#span.setAttributes({ 'graphql.operation.type': type, 'graphql.operation.name': name ?? undefined })
  }

  /** Must be called once. `errorType` is null on success. */
  end(errorType: string | null, attributes: Attributes): void {
    this.#span.setAttributes(attributes)
    endSpan(this.#span, errorType)
    this.#hasEnded = true
  }

  endEvent(errorType: string | null): void {
    const span = this.#eventContext && trace.getSpan(this.#eventContext)
    if (span) endSpan(span, errorType)
    this.#eventContext = null
  }

  getValue(key: symbol): unknown {
    return this.#active.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#active.setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.#active.deleteValue(key)
  }

  get #active(): Context {
    if (!this.#isSubscription || !this.#hasEnded) return this.#context
    this.#eventContext ??= trace.setSpan(ROOT_CONTEXT, this.#startEvent())
    return this.#eventContext
  }

  /** Starts a separate trace, so that no trace lasts for days. */
  #startEvent(): Span {
    const name = this.#name === null ? 'event' : `event ${this.#name}`
    const options = {
      kind: SpanKind.INTERNAL,
      attributes: { 'graphql.operation.name': this.#name ?? undefined },
      links: [{ context: this.#span.spanContext() }],
    }
    return trace.getTracer('restcomm-graphql').startSpan(name, options, ROOT_CONTEXT)
  }
}

function endSpan(span: Span, errorType: string | null): void {
  if (errorType !== null) {
    span.setAttribute('error.type', errorType)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}
