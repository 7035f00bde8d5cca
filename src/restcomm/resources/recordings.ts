import { type CallKey, type Recording, SID_PATTERNS } from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import { asArray, asObject, dateTime, decodeRow, identity, number, optional, string } from '../decode.ts'
import type { DecodingError } from '../errors.ts'
import { callPath } from './calls.ts'

function decodeRecording(value: unknown): Recording {
  const json = asObject('recording', value)
  return {
    sid: identity(json, 'sid', 'recording'),
    accountSid: identity(json, 'account_sid', 'account'),
    callSid: identity(json, 'call_sid', 'call'),
    duration: optional(json, 'duration', number),
    fileUri: optional(json, 'file_uri', string),
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    uri: string(json, 'uri'),
  }
}

/**
 * Restcomm returns a plain array, without envelope and pages. Connect checks only the account in the path and may
 * return recordings of different accounts and calls, so the rows are filtered by account and call.
 */
export async function readRecordings(
  http: AuthorizedHttp,
  call: CallKey,
): Promise<readonly (Recording | DecodingError)[]> {
  const rows = asArray('list of recordings', await http.get('recordings', `${callPath(call)}/Recordings`))
  // Before decoding, so that an unreadable row of a different account causes no error.
  const isForeign = (row: unknown) => {
    const { account_sid: accountSid, call_sid: callSid } = Object(row) as Readonly<Record<string, unknown>>
    return isOtherSid('account', accountSid, call.accountSid) || isOtherSid('call', callSid, call.sid)
  }
  return rows.filter(row => !isForeign(row)).map(row => decodeRow(row, decodeRecording))
}

function isOtherSid(kind: 'account' | 'call', value: unknown, sid: string): boolean {
  return value !== sid && typeof value === 'string' && SID_PATTERNS[kind].test(value)
}
