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
import type { OperationTracer } from './tracing.ts'

/** Context of the innermost `withSpan`. `tracer` belongs to the operation of the context. */
const activeSpan = new AsyncLocalStorage<{ readonly tracer: SpanTracer; readonly context: Context }>()

export class SpanTracer implements OperationTracer {
  readonly #tracer: Tracer
  readonly #propagator: TextMapPropagator
  readonly #span: OtelSpan
  readonly #context: Context

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

  startSpan(name: string, attributes: Attributes): Span {
    return new OpenTelemetrySpan(this.#propagator, ...this.#start(name, attributes))
  }

  withSpan<T>(name: string, attributes: Attributes, work: () => PromiseLike<T>): PromiseLike<T> {
    const [span, context] = this.#start(name, attributes)
    return activeSpan.run({ tracer: this, context }, work).then(
      value => {
        span.end()
        return value
      },
      error => {
        markFailed(span, errorTypeOf(error))
        span.end()
        throw error
      },
    )
  }

  end(errorType: string | null, attributes: Attributes, endTime?: number): void {
    this.#span.setAttributes(attributes)
    if (errorType !== null) markFailed(this.#span, errorType)
    this.#span.end(endTime)
  }

  #start(name: string, attributes: Attributes): [OtelSpan, Context] {
    const current = activeSpan.getStore()
    const parent = current?.tracer === this ? current.context : this.#context
    const kind = 'http.request.method' in attributes ? SpanKind.CLIENT : SpanKind.INTERNAL
    const span = this.#tracer.startSpan(name, { kind, attributes }, parent)
    return [span, trace.setSpan(parent, span)]
  }
}

const HEADER_SETTER = {
  set: (headers: Record<string, string>, name: string, value: string) => {
    headers[name] = value
  },
}

class OpenTelemetrySpan implements Span {
  readonly traceparent: string | null
  readonly tracestate: string | null
  readonly #span: OtelSpan

  constructor(propagator: TextMapPropagator, span: OtelSpan, context: Context) {
    const headers: Record<string, string> = {}
    propagator.inject(context, headers, HEADER_SETTER)
    this.traceparent = headers.traceparent ?? null
    this.tracestate = headers.tracestate ?? null
    this.#span = span
  }

  end(error?: unknown, attributes?: Attributes): void {
    if (attributes !== undefined) this.#span.setAttributes(attributes)
    if (error !== undefined) markFailed(this.#span, errorTypeOf(error))
    this.#span.end()
  }
}

/** Records only the error type, because messages may contain private data. */
function markFailed(span: OtelSpan, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function errorTypeOf(error: unknown): string {
  const { failure, name } = (error ?? {}) as { readonly failure?: unknown; readonly name?: unknown }
  return String(failure ?? name ?? 'unknown')
}
