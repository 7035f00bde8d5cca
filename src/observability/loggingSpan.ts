import type { Logger } from 'pino'
import type { Attributes, Span } from '../tracer.ts'

/** A request upstream that is logged when it is over, for whoever follows a request through both logs. */
export class LoggedSpan implements Span {
  readonly #span: Span
  readonly #log: Logger
  readonly #requestId: string
  readonly #attributes: Attributes
  readonly #began = performance.now()

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
    const milliseconds = Math.round((performance.now() - this.#began) * 10) / 10
    const line = { requestId: this.#requestId, ...this.#attributes, ...attributes, milliseconds }
    this.#log.trace(error === undefined ? line : { ...line, err: error }, 'upstream request')
  }
}
