import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes, Trace } from '../../tracer.ts'

/** What a span is of, and where it hangs. */
interface OperationStart {
  readonly name: string
  readonly attributes: Attributes
  /** Milliseconds since 1970; now, where it is not given. */
  readonly startTime?: number | undefined
  /** Those of the client's request: the trace goes on from theirs. */
  readonly headers?: IncomingHttpHeaders | undefined
  /** What this comes of, without being a part of it. */
  readonly cause?: OperationTrace | undefined
}

/** One operation, or one event of a subscription, being traced. */
export interface OperationTrace extends Trace {
  readonly traceId: string
  /** Call once. `errorType` is the code of what went wrong, null where nothing did; `endTime` as the start's. */
  end(errorType: string | null, attributes: Attributes, endTime?: number): void
}

export interface Tracing {
  begin(start: OperationStart): OperationTrace
  /** Sends what has not been sent yet, as far as the collector takes it within a few seconds. */
  close(): Promise<void>
}
