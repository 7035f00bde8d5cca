/** Span attributes, exported to the tracing backend. Must not contain secrets, and must have few distinct values. */
export type Attributes = Readonly<Record<string, string | number>>

/** A traced upstream request or loader batch. */
export interface Span {
  /** The W3C `traceparent` header for requests made within the span; null if tracing is off. */
  readonly traceparent: string | null
  readonly tracestate: string | null
  /** Must be called once. `error` marks the span as failed. `attributes` are added to `startSpan`'s attributes. */
  end(error?: unknown, attributes?: Attributes): void
}

/** Records the work of a GraphQL operation. All spans are descendants of the operation's span. */
export interface Tracer {
  /** The attribute `http.request.method` marks the span as an upstream request (span kind `CLIENT`). */
  startSpan(name: string, attributes: Attributes): Span
  /** Records `work` as a span. Spans started by `work` become children of the span. */
  withSpan<T>(name: string, attributes: Attributes, work: () => PromiseLike<T>): PromiseLike<T>
}

const NOOP_SPAN: Span = { traceparent: null, tracestate: null, end: () => undefined }

export const NOOP_TRACER: Tracer = { startSpan: () => NOOP_SPAN, withSpan: (_name, _attributes, work) => work() }
