import type { CallKey, ConferenceKey, ParticipantKey, RecordingKey } from '../model.ts'
import { decodeNodeId, encodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { scalars } from './scalars.ts'

/** Contains an `id` or the key fields of a federation reference. The parse functions validate the untyped values. */
export type Reference = Readonly<Record<string, unknown>>

function asAccountSid(value: unknown): string {
  return scalars.AccountSid.parseValue(value)
}

function asConferenceSid(value: unknown): string {
  return scalars.ConferenceSid.parseValue(value)
}

function asCallSid(value: unknown): string {
  return scalars.CallSid.parseValue(value)
}

function asRecordingSid(value: unknown): string {
  return scalars.RecordingSid.parseValue(value)
}

const KEY_COUNTS = { Account: 1, Conference: 2, Participant: 3, Call: 2, Recording: 3 } as const

/** Decodes an `id` of the given type into keys. Throws `BAD_USER_INPUT` for an invalid id or a different type. */
function parseId(type: keyof typeof KEY_COUNTS, id: unknown): readonly string[] {
  const nodeId = decodeNodeId(String(id))
  if (nodeId.type !== type) {
    throw badUserInput(`${quote(id)} is the id of a ${nodeId.type}: expected the id of a ${type}.`)
  }
  // Additional keys are not ignored, because an object would otherwise have several valid ids.
  if (nodeId.keys.length !== KEY_COUNTS[type]) throw invalidNodeId(String(id))
  return nodeId.keys
}

export function accountId(sid: string): string {
  return encodeNodeId('Account', sid)
}

export function parseAccountSid(reference: Reference): string {
  return asAccountSid('id' in reference ? parseId('Account', reference.id)[0] : reference.sid)
}

export function conferenceId(key: ConferenceKey): string {
  return encodeNodeId('Conference', key.accountSid, key.sid)
}

export function parseConferenceKey(reference: Reference): ConferenceKey {
  const [account, sid] = 'id' in reference ? parseId('Conference', reference.id) : [reference.accountSid, reference.sid]
  return { accountSid: asAccountSid(account), sid: asConferenceSid(sid) }
}

export function participantId({ conference, callSid }: ParticipantKey): string {
  return encodeNodeId('Participant', conference.accountSid, conference.sid, callSid)
}

export function parseParticipantKey(reference: Reference): ParticipantKey {
  const [account, conference, call] =
    'id' in reference
      ? parseId('Participant', reference.id)
      : [reference.accountSid, reference.conferenceSid, reference.callSid]
  return {
    conference: { accountSid: asAccountSid(account), sid: asConferenceSid(conference) },
    callSid: asCallSid(call),
  }
}

export function callId(key: CallKey): string {
  return encodeNodeId('Call', key.accountSid, key.sid)
}

export function parseCallKey(reference: Reference): CallKey {
  const [account, sid] = 'id' in reference ? parseId('Call', reference.id) : [reference.accountSid, reference.sid]
  return { accountSid: asAccountSid(account), sid: asCallSid(sid) }
}

export function recordingId({ call, sid }: RecordingKey): string {
  return encodeNodeId('Recording', call.accountSid, call.sid, sid)
}

export function parseRecordingKey(reference: Reference): RecordingKey {
  const [account, call, sid] = parseId('Recording', reference.id)
  return { call: { accountSid: asAccountSid(account), sid: asCallSid(call) }, sid: asRecordingSid(sid) }
}
