import type { Logger } from 'pino'
import type { Attributes, Span } from '../tracer.ts'

/** Wraps the span of an upstream request. At the end of the span, logs the request at level `trace`. */
export class LoggedRequestSpan implements Span {
  readonly #span: Span
  readonly #log: Logger
  readonly #requestId: string
  readonly #attributes: Attributes
  readonly #startedAt = performance.now()

  constructor(span: Span, log: Logger, requestId: string, attributes: Attributes) {
    this.#span = span
    this.#log = log
    this.#requestId = requestId
    this.#attributes = attributes
  }

  get traceparent(): string | null {
    return this.#span.traceparent
  }

  get tracestate(): string | null {
    return this.#span.tracestate
  }

  end(error?: unknown, attributes: Attributes = {}): void {
    this.#span.end(error, attributes)
    const milliseconds = Math.round((performance.now() - this.#startedAt) * 10) / 10
    const fields = { requestId: this.#requestId, ...this.#attributes, ...attributes, milliseconds }
    this.#log.trace(error === undefined ? fields : { ...fields, err: error }, 'upstream request')
  }
}
