import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes, Tracer } from '../../tracer.ts'

interface OperationSpanOptions {
  readonly name: string
  readonly attributes: Attributes
  readonly startTime?: number | undefined
  /** Request headers. If the headers have a `traceparent`, the span continues the trace of the client. */
  readonly headers?: IncomingHttpHeaders | undefined
  /** Operation of a separate trace. The new span has a link to the operation. */
  readonly linkedTo?: OperationTracer | undefined
}

export interface OperationTracer extends Tracer {
  readonly traceId: string
  /** Must be called once. `errorType` is null on success. `endTime` is in milliseconds since the epoch. */
  end(errorType: string | null, attributes: Attributes, endTime?: number): void
}

export interface Tracing {
  startOperation(options: OperationSpanOptions): OperationTracer
  /** Flushes pending spans, for a few seconds at most. */
  close(): Promise<void>
}
