/** One piece of work that a request makes: an upstream request, or a loader's batch. */
export interface Span {
  /** The W3C `traceparent` for whatever is asked on behalf of this work; null where nothing is traced. */
  readonly traceparent: string | null
  /** Call once, with what went wrong if something did. */
  end(error?: unknown): void
}

/** Where the work of one request is told, for whoever looks into the gateway. Spans hang below that of the operation. */
export interface Trace {
  /** `attributes` are shown to operators: nothing secret, and nothing of which there are endlessly many. */
  span(name: string, attributes: Readonly<Record<string, string | number>>): Span
}

const SILENT: Span = { traceparent: null, end: () => undefined }

/** For work that nobody looks into. */
export const UNTRACED: Trace = { span: () => SILENT }
