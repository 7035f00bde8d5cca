import { CALL_DIRECTIONS, CALL_STATUSES, type Call, type CallKey, type ConferenceKey } from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import {
  asObject,
  dateTime,
  enumValue,
  optionalDateTime,
  optionalInteger,
  optionalSid,
  optionalString,
  sid,
  string,
} from '../decode.ts'
import { type ListEndpoint, readPage } from '../paging/readPage.ts'

export function decodeCall(value: unknown): Call {
  const json = asObject('call', value)
  const statusText = string(json, 'status')
  return {
    sid: sid(json, 'sid', 'call'),
    accountSid: sid(json, 'account_sid', 'account'),
    parentCallSid: optionalSid(json, 'parent_call_sid', 'call'),
    from: optionalString(json, 'from'),
    to: optionalString(json, 'to'),
    callerName: optionalString(json, 'caller_name'),
    forwardedFrom: optionalString(json, 'forwarded_from'),
    direction: enumValue(optionalString(json, 'direction') ?? '', CALL_DIRECTIONS),
    status: enumValue(statusText, CALL_STATUSES),
    statusText,
    answeredBy: optionalString(json, 'answered_by'),
    startTime: optionalDateTime(json, 'start_time'),
    endTime: optionalDateTime(json, 'end_time'),
    duration: optionalInteger(json, 'duration'),
    ringDuration: optionalInteger(json, 'ring_duration'),
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    uri: string(json, 'uri'),
  }
}

export function callPath({ accountSid, sid }: CallKey): string {
  return `Accounts/${accountSid}/Calls/${sid}`
}

/** Lists all calls of a conference, including ended calls, oldest first. */
export function conferenceCallList(http: AuthorizedHttp, conference: ConferenceKey): ListEndpoint<Call> {
  return {
    http,
    resource: 'calls',
    path: `Accounts/${conference.accountSid}/Calls`,
    query: new URLSearchParams({ ConferenceSid: conference.sid, SortBy: 'DateCreated:asc' }),
    decode: decodeCall,
  }
}

/** Reads a single page. Some servers ignore the filter by status, so the result can contain ended calls. */
export async function readActiveCalls(http: AuthorizedHttp, conference: ConferenceKey): Promise<readonly Call[]> {
  const list = conferenceCallList(http, conference)
  const query = new URLSearchParams({ ConferenceSid: conference.sid, Status: 'in-progress' })
  return (await readPage({ ...list, query }, { page: 0, size: http.upstream.maxPageSize })).rows
}

/** Without `Mute`, Restcomm would unmute the call. If the call has ended, Restcomm responds with status 410. */
export function postHangUp(http: AuthorizedHttp, call: CallKey, muted: boolean): Promise<void> {
  const form = new URLSearchParams({ Status: 'completed', Mute: String(muted) })
  return http.post('call', callPath(call), form)
}
