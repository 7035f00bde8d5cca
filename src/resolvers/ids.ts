import type { CallKey, ConferenceKey, ParticipantKey, RecordingKey } from '../model.ts'
import { decodeNodeId, encodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { scalars } from './scalars.ts'

/** Contains an `id` or the key fields of a federation reference. The parse functions validate the untyped values. */
export type Reference = Readonly<Record<string, unknown>>

const { AccountSid, ConferenceSid, CallSid, RecordingSid } = scalars

/**
 * Returns the keys of an object from an `id` of the given type, or from the key fields of a reference. Throws
 * `BAD_USER_INPUT` for an invalid id or a different type.
 */
function keysOf(type: string, reference: Reference, keyFields: readonly string[]): readonly unknown[] {
  if (!('id' in reference)) return keyFields.map(field => reference[field])
  const nodeId = decodeNodeId(String(reference.id))
  if (nodeId.type !== type) {
    throw badUserInput(`${quote(reference.id)} is the id of a ${nodeId.type}: expected the id of a ${type}.`)
  }
  // Additional keys are not ignored, because an object would otherwise have several valid ids.
  if (nodeId.keys.length !== keyFields.length) throw invalidNodeId(String(reference.id))
  return nodeId.keys
}

export function parseAccountSid(reference: Reference): string {
  const [sid] = keysOf('Account', reference, ['sid'])
  return AccountSid.parseValue(sid)
}

export function parseConferenceKey(reference: Reference): ConferenceKey {
  const [account, sid] = keysOf('Conference', reference, ['accountSid', 'sid'])
  return { accountSid: AccountSid.parseValue(account), sid: ConferenceSid.parseValue(sid) }
}

export function participantId({ conference, callSid }: ParticipantKey): string {
  return encodeNodeId('Participant', conference.accountSid, conference.sid, callSid)
}

export function parseParticipantKey(reference: Reference): ParticipantKey {
  const [account, conference, call] = keysOf('Participant', reference, ['accountSid', 'conferenceSid', 'callSid'])
  return {
    conference: { accountSid: AccountSid.parseValue(account), sid: ConferenceSid.parseValue(conference) },
    callSid: CallSid.parseValue(call),
  }
}

export function parseCallKey(reference: Reference): CallKey {
  const [account, sid] = keysOf('Call', reference, ['accountSid', 'sid'])
  return { accountSid: AccountSid.parseValue(account), sid: CallSid.parseValue(sid) }
}

export function parseRecordingKey(reference: Reference): RecordingKey {
  const [account, call, sid] = keysOf('Recording', reference, ['accountSid', 'callSid', 'sid'])
  return {
    call: { accountSid: AccountSid.parseValue(account), sid: CallSid.parseValue(call) },
    sid: RecordingSid.parseValue(sid),
  }
}
