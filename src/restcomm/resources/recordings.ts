import type { CallKey, Recording } from '../../model.ts'
import type { Access } from '../access.ts'
import { callPath } from './calls.ts'
import { dateTime, optionalNumber, optionalText, sid, text, wireArray, wireObject } from '../decode.ts'

const decodeRecording = (value: unknown): Recording => {
  const wire = wireObject('recording', value)
  return {
    sid: sid(wire, 'sid', 'recording'),
    accountSid: sid(wire, 'account_sid', 'account'),
    callSid: sid(wire, 'call_sid', 'call'),
    duration: optionalNumber(wire, 'duration'),
    fileUri: optionalText(wire, 'file_uri'),
    dateCreated: dateTime(wire, 'date_created'),
    dateUpdated: dateTime(wire, 'date_updated'),
    uri: text(wire, 'uri'),
  }
}

/**
 * Unlike every other list of Restcomm's, this one is a bare array and does not page.
 *
 * Connect checks the account in the path alone, and answers for any call below it: only what is of this account's own call
 * is kept.
 */
export const readRecordings = async (access: Access, call: CallKey): Promise<readonly Recording[]> => {
  const rows = wireArray('list of recordings', await access.get('recordings', `${callPath(call)}/Recordings`))
  return rows
    .map(decodeRecording)
    .filter(({ accountSid, callSid }) => accountSid === call.accountSid && callSid === call.sid)
}
