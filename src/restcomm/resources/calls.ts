import { CALL_DIRECTIONS, CALL_STATUSES, type Call, type CallKey, type ConferenceKey } from '../../model.ts'
import type { Access } from '../access.ts'
import {
  dateTime,
  oneOf,
  optionalDateTime,
  optionalInteger,
  optionalSid,
  optionalText,
  sid,
  text,
  wireObject,
} from '../decode.ts'
import { type List, readPage } from '../paging/readPage.ts'
import type { Upstream } from '../upstream.ts'

export const decodeCall = (value: unknown): Call => {
  const wire = wireObject('call', value)
  const statusText = text(wire, 'status')
  return {
    sid: sid(wire, 'sid', 'call'),
    accountSid: sid(wire, 'account_sid', 'account'),
    parentCallSid: optionalSid(wire, 'parent_call_sid', 'call'),
    from: optionalText(wire, 'from'),
    to: optionalText(wire, 'to'),
    callerName: optionalText(wire, 'caller_name'),
    forwardedFrom: optionalText(wire, 'forwarded_from'),
    direction: oneOf(optionalText(wire, 'direction') ?? '', CALL_DIRECTIONS),
    status: oneOf(statusText, CALL_STATUSES),
    statusText,
    answeredBy: optionalText(wire, 'answered_by'),
    startTime: optionalDateTime(wire, 'start_time'),
    endTime: optionalDateTime(wire, 'end_time'),
    duration: optionalInteger(wire, 'duration'),
    ringDuration: optionalInteger(wire, 'ring_duration'),
    dateCreated: dateTime(wire, 'date_created'),
    dateUpdated: dateTime(wire, 'date_updated'),
    uri: text(wire, 'uri'),
  }
}

export const callPath = ({ accountSid, sid }: CallKey): string => `Accounts/${accountSid}/Calls/${sid}`

export const readCall = async (access: Access, key: CallKey): Promise<Call> =>
  decodeCall(await access.get('call', callPath(key)))

/** Every leg of a conference, also those that left, oldest first. Unlike the participants, this list really pages. */
export const conferenceCallList = (upstream: Upstream, access: Access, conference: ConferenceKey): List<Call> => ({
  upstream,
  access,
  noun: 'calls',
  path: `Accounts/${conference.accountSid}/Calls`,
  query: new URLSearchParams({ ConferenceSid: conference.sid, SortBy: 'DateCreated:asc' }),
  member: 'calls',
  decode: decodeCall,
})

/**
 * The legs of a conference that are up at this moment: as many as one page holds, the newest first. A server that
 * ignores the condition sends others along.
 */
export const readLiveCalls = async (
  upstream: Upstream,
  access: Access,
  conference: ConferenceKey,
): Promise<readonly Call[]> => {
  const list = conferenceCallList(upstream, access, conference)
  const query = new URLSearchParams({ ConferenceSid: conference.sid, Status: 'in-progress' })
  return (await readPage({ ...list, query }, { page: 0, size: upstream.maximumPageSize })).rows
}

/**
 * Hangs up. The same request would unmute as well, so the flag goes along as it is. Restcomm answers 410 for a call that
 * is over.
 */
export const postHangUp = (access: Access, call: CallKey, muted: boolean, onLate: () => void): Promise<void> =>
  access.post('call', callPath(call), new URLSearchParams({ Status: 'completed', Mute: String(muted) }), onLate)
