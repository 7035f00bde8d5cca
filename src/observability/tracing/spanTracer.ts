import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Attributes, Span } from '../../tracer.ts'
import type { OperationTrace } from './tracing.ts'

/** The work that is being done at this moment, and of which trace it is. */
const inside = new AsyncLocalStorage<{ readonly of: SpanTrace; readonly context: Context }>()

/** Spans below one span of OpenTelemetry's. */
export class SpanTrace implements OperationTrace {
  readonly #tracer: Tracer
  readonly #propagator: TextMapPropagator
  readonly #span: OtelSpan
  readonly #context: Context

  /** `context` has the span in it. */
  constructor(tracer: Tracer, propagator: TextMapPropagator, span: OtelSpan, context: Context) {
    this.#tracer = tracer
    this.#propagator = propagator
    this.#span = span
    this.#context = context
  }

  get spanContext(): SpanContext {
    return this.#span.spanContext()
  }

  get traceId(): string {
    return this.spanContext.traceId
  }

  span(name: string, attributes: Attributes): Span {
    return new LiveSpan(this.#propagator, ...this.#start(name, attributes))
  }

  within<T>(name: string, attributes: Attributes, work: () => PromiseLike<T>): PromiseLike<T> {
    const [span, context] = this.#start(name, attributes)
    return inside.run({ of: this, context }, work).then(
      value => {
        span.end()
        return value
      },
      error => {
        fail(span, typeOf(error))
        span.end()
        throw error
      },
    )
  }

  end(errorType: string | null, attributes: Attributes, endTime?: number): void {
    this.#span.setAttributes(attributes)
    if (errorType !== null) fail(this.#span, errorType)
    this.#span.end(endTime)
  }

  #start(name: string, attributes: Attributes): [OtelSpan, Context] {
    const current = inside.getStore()
    const parent = current?.of === this ? current.context : this.#context
    const kind = 'http.request.method' in attributes ? SpanKind.CLIENT : SpanKind.INTERNAL
    const span = this.#tracer.startSpan(name, { kind, attributes }, parent)
    return [span, trace.setSpan(parent, span)]
  }
}

const TO_HEADERS = {
  set: (headers: Record<string, string>, name: string, value: string) => {
    headers[name] = value
  },
}

class LiveSpan implements Span {
  readonly traceparent: string | null
  readonly tracestate: string | null
  readonly #span: OtelSpan

  constructor(propagator: TextMapPropagator, span: OtelSpan, context: Context) {
    const headers: Record<string, string> = {}
    propagator.inject(context, headers, TO_HEADERS)
    this.traceparent = headers.traceparent ?? null
    this.tracestate = headers.tracestate ?? null
    this.#span = span
  }

  end(error?: unknown, attributes?: Attributes): void {
    if (attributes !== undefined) this.#span.setAttributes(attributes)
    if (error !== undefined) fail(this.#span, typeOf(error))
    this.#span.end()
  }
}

/** By the kind of the error alone: messages may have more in them than a trace should. */
const fail = (span: OtelSpan, type: string): void => {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** An upstream failure by its kind, anything else by the name of its class. */
const typeOf = (error: unknown): string => {
  const { failure, name } = (error ?? {}) as { readonly failure?: unknown; readonly name?: unknown }
  return String(failure ?? name ?? 'unknown')
}
