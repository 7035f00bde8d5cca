import {
  CALL_DIRECTIONS,
  CALL_STATUSES,
  type Call,
  type CallKey,
  type ConferenceKey,
  isCallOver,
  isReadable,
} from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import type { RowKind } from '../cache/requestCache.ts'
import { asObject, dateTime, enumValue, identity, integer, optional, sid, string } from '../decode.ts'
import { type ListEndpoint, readPage } from '../paging/readPage.ts'

export function decodeCall(value: unknown): Call {
  const json = asObject('call', value)
  const statusText = string(json, 'status')
  return {
    sid: identity(json, 'sid', 'call'),
    accountSid: identity(json, 'account_sid', 'account'),
    parentCallSid: optional(json, 'parent_call_sid', (row, field) => sid(row, field, 'call')),
    from: optional(json, 'from', string),
    to: optional(json, 'to', string),
    callerName: optional(json, 'caller_name', string),
    forwardedFrom: optional(json, 'forwarded_from', string),
    direction: enumValue(optional(json, 'direction', string) ?? '', CALL_DIRECTIONS),
    status: enumValue(statusText, CALL_STATUSES),
    statusText,
    answeredBy: optional(json, 'answered_by', string),
    startTime: optional(json, 'start_time', dateTime),
    endTime: optional(json, 'end_time', dateTime),
    duration: optional(json, 'duration', integer),
    ringDuration: optional(json, 'ring_duration', integer),
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    uri: string(json, 'uri'),
  }
}

export const CALL: RowKind<Call> = {
  resource: 'call',
  path: callPath,
  decode: decodeCall,
  isImmutable: isCallOver,
}

export function callPath({ accountSid, sid }: CallKey): string {
  return `Accounts/${encodeURIComponent(accountSid)}/Calls/${encodeURIComponent(sid)}`
}

/** Lists all calls of a conference, including ended calls, oldest first. */
export function conferenceCallList(http: AuthorizedHttp, conference: ConferenceKey): ListEndpoint<Call> {
  return {
    http,
    resource: 'calls',
    path: `Accounts/${encodeURIComponent(conference.accountSid)}/Calls`,
    query: new URLSearchParams({ ConferenceSid: conference.sid, SortBy: 'DateCreated:asc' }),
    decode: decodeCall,
  }
}

/** Reads a single page. Some servers ignore the filter by status, so the result can contain ended calls. */
export async function readActiveCalls(http: AuthorizedHttp, conference: ConferenceKey): Promise<readonly Call[]> {
  const list = conferenceCallList(http, conference)
  const query = new URLSearchParams({ ConferenceSid: conference.sid, Status: 'in-progress' })
  return (await readPage({ ...list, query }, { page: 0, size: http.upstream.maxPageSize })).rows.filter(isReadable)
}

/** Without `Mute`, Restcomm would unmute the call. If the call has ended, Restcomm responds with status 410. */
export function postHangUp(http: AuthorizedHttp, call: CallKey, muted: boolean): Promise<void> {
  const form = new URLSearchParams({ Status: 'completed', Mute: String(muted) })
  return http.post('call', callPath(call), form)
}
