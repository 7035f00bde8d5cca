import type { Attributes, Span, Trace } from '../../tracer.ts'
import { RestcommError } from '../errors.ts'
import type { Resource } from './observer.ts'

type Method = 'GET' | 'POST'

/** Where each is, with names in the place of SIDs: of those there are endlessly many, and some belong to nobody else. */
const ROUTES: Readonly<Record<Resource, string>> = {
  account: 'Accounts/{account}',
  conferences: 'Accounts/{account}/Conferences',
  conference: 'Accounts/{account}/Conferences/{conference}',
  participants: 'Accounts/{account}/Conferences/{conference}/Participants',
  participant: 'Accounts/{account}/Conferences/{conference}/Participants/{call}',
  calls: 'Accounts/{account}/Calls',
  call: 'Accounts/{account}/Calls/{call}',
  recordings: 'Accounts/{account}/Calls/{call}/Recordings',
}

const attributesOf = (method: Method) =>
  Object.fromEntries(
    Object.entries(ROUTES).map(([resource, route]): [string, Attributes] => [
      resource,
      { 'http.request.method': method, 'url.template': route, resource },
    ]),
  ) as Readonly<Record<Resource, Attributes>>

const ATTRIBUTES = { GET: attributesOf('GET'), POST: attributesOf('POST') }

/** Tells of a request that is sent now, by the names that OpenTelemetry has for it. */
export const beginRequest = (trace: Trace, method: Method, resource: Resource): Span =>
  trace.span(`${method} ${ROUTES[resource]}`, ATTRIBUTES[method][resource])

/** With the status that was answered. What does not exist, or may not be seen, is no mistake of anybody's. */
export const endRequest = (span: Span, status: number): void => {
  const failed = status < 500 ? undefined : new RestcommError('unavailable', `Restcomm answered ${status}.`, { status })
  span.end(failed, { 'http.response.status_code': status })
}
