/** Shown to operators: nothing secret, and nothing of which there are endlessly many. */
export type Attributes = Readonly<Record<string, string | number>>

/** One piece of work that a request makes: an upstream request, or a loader's batch. */
export interface Span {
  /** The W3C `traceparent` for whatever is asked on behalf of this work; null where nothing is traced. */
  readonly traceparent: string | null
  /** The W3C `tracestate` that goes with it; null where there is none. */
  readonly tracestate: string | null
  /** Call once, with what went wrong if something did, and with what is known of the work only now. */
  end(error?: unknown, attributes?: Attributes): void
}

/** Where the work of one request is told, for whoever looks into the gateway. Spans hang below that of the operation. */
export interface Trace {
  /** One with an `http.request.method` is an upstream request. */
  span(name: string, attributes: Attributes): Span
  /** Tells of work as a whole. The spans of what it does hang below its own. */
  within<T>(name: string, attributes: Attributes, work: () => PromiseLike<T>): PromiseLike<T>
}

const SILENT: Span = { traceparent: null, tracestate: null, end: () => undefined }

/** For work that nobody looks into. */
export const UNTRACED: Trace = { span: () => SILENT, within: (_name, _attributes, work) => work() }
