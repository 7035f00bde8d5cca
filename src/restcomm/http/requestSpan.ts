import { propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { RestcommError } from '../errors.ts'

type Method = 'GET' | 'POST'

/** Placeholders instead of SIDs keep the number of distinct span names small. */
const URL_TEMPLATES = {
  account: 'Accounts/{account}',
  conferences: 'Accounts/{account}/Conferences',
  conference: 'Accounts/{account}/Conferences/{conference}',
  participants: 'Accounts/{account}/Conferences/{conference}/Participants',
  participant: 'Accounts/{account}/Conferences/{conference}/Participants/{call}',
  calls: 'Accounts/{account}/Calls',
  call: 'Accounts/{account}/Calls/{call}',
  recordings: 'Accounts/{account}/Calls/{call}/Recordings',
}

/** Resources of Restcomm's REST API, as values of the metric label `resource`. */
export type Resource = keyof typeof URL_TEMPLATES

/** Attributes follow the semantic conventions of OpenTelemetry. */
export function requestAttributes(method: Method, resource: Resource) {
  return { 'http.request.method': method, 'url.template': URL_TEMPLATES[resource], resource }
}

/** Starts a span below the active span. If no span is active, the operation is not traced, and null is returned. */
export function startRequestSpan(method: Method, resource: Resource): Span | null {
  if (trace.getActiveSpan() === undefined) return null
  const options = { kind: SpanKind.CLIENT, attributes: requestAttributes(method, resource) }
  return trace.getTracer('restcomm-graphql').startSpan(`${method} ${URL_TEMPLATES[resource]}`, options)
}

/** Headers which continue the trace in Restcomm, such as `traceparent`. */
export function traceHeaders(span: Span): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), headers)
  return headers
}

/** Records only the type of an error, because messages may contain private data. */
export function endRequestSpan(span: Span, status: number | null, error: unknown): void {
  if (status !== null) span.setAttribute('http.response.status_code', status)
  if (error !== null) {
    span.setAttribute('error.type', errorType(error))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

function errorType(error: unknown): string {
  if (error instanceof RestcommError) return error.failure
  return error instanceof Error ? error.name : 'unknown'
}
