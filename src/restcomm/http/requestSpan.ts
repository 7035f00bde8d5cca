import type { Attributes, Span, Tracer } from '../../tracer.ts'
import { RestcommError } from '../errors.ts'
import type { Resource } from './upstreamObserver.ts'

type Method = 'GET' | 'POST'

/** Placeholders instead of SIDs keep the number of distinct span names small. */
const URL_TEMPLATES: Readonly<Record<Resource, string>> = {
  account: 'Accounts/{account}',
  conferences: 'Accounts/{account}/Conferences',
  conference: 'Accounts/{account}/Conferences/{conference}',
  participants: 'Accounts/{account}/Conferences/{conference}/Participants',
  participant: 'Accounts/{account}/Conferences/{conference}/Participants/{call}',
  calls: 'Accounts/{account}/Calls',
  call: 'Accounts/{account}/Calls/{call}',
  recordings: 'Accounts/{account}/Calls/{call}/Recordings',
}

const ATTRIBUTES = { GET: attributesByResource('GET'), POST: attributesByResource('POST') }

function attributesByResource(method: Method) {
  return Object.fromEntries(
    Object.entries(URL_TEMPLATES).map(([resource, template]): [string, Attributes] => [
      resource,
      { 'http.request.method': method, 'url.template': template, resource },
    ]),
  ) as Readonly<Record<Resource, Attributes>>
}

/** Attributes follow the semantic conventions of OpenTelemetry. */
export function startRequestSpan(tracer: Tracer, method: Method, resource: Resource): Span {
  return tracer.startSpan(`${method} ${URL_TEMPLATES[resource]}`, ATTRIBUTES[method][resource])
}

/** Marks only 5xx as errors, because the status of a missing or forbidden resource is a normal answer. */
export function endRequestSpan(span: Span, status: number): void {
  const error =
    status < 500 ? undefined : new RestcommError('unavailable', `Restcomm answered with status ${status}.`, { status })
  span.end(error, { 'http.response.status_code': status })
}
