import type { CallKey, ConferenceKey, ParticipantKey, RecordingKey } from '../model.ts'
import { badUserInput } from '../userInputError.ts'
import { fromNodeId, notIssued, toNodeId } from '../relay/nodeId.ts'
import { scalars } from './scalars.ts'

/**
 * An object as its `id`, or a reference from another subgraph, names it. Neither passes through the types of the
 * schema, so each part is checked here before it can become part of a request.
 */
type Reference = Readonly<Record<string, unknown>>

const accountSid = (value: unknown): string => scalars.AccountSid.parseValue(value)
const conferenceSid = (value: unknown): string => scalars.ConferenceSid.parseValue(value)
const callSid = (value: unknown): string => scalars.CallSid.parseValue(value)
const recordingSid = (value: unknown): string => scalars.RecordingSid.parseValue(value)

/** How many parts an `id` has. */
const PARTS = { Account: 1, Conference: 2, Participant: 3, Call: 2, Recording: 3 } as const

/** The parts of an `id` of this type; one of another type is the caller's mistake. */
const partsOf = (type: keyof typeof PARTS, id: unknown): readonly string[] => {
  const nodeId = fromNodeId(String(id))
  if (nodeId.type !== type) throw badUserInput(`This id is that of a ${nodeId.type}, not of a ${type}.`)
  // Of one with a part too many another id would come back.
  if (nodeId.keys.length !== PARTS[type]) throw notIssued()
  return nodeId.keys
}

export const accountId = (sid: string): string => toNodeId('Account', sid)

export const accountKeyOf = (reference: Reference): string =>
  accountSid('id' in reference ? partsOf('Account', reference.id)[0] : reference.sid)

export const conferenceId = (key: ConferenceKey): string => toNodeId('Conference', key.accountSid, key.sid)

export const conferenceKeyOf = (reference: Reference): ConferenceKey => {
  const [account, sid] = 'id' in reference ? partsOf('Conference', reference.id) : [reference.accountSid, reference.sid]
  return { accountSid: accountSid(account), sid: conferenceSid(sid) }
}

export const participantId = ({ conference, callSid }: ParticipantKey): string =>
  toNodeId('Participant', conference.accountSid, conference.sid, callSid)

export const participantKeyOf = (reference: Reference): ParticipantKey => {
  const [account, conference, call] =
    'id' in reference
      ? partsOf('Participant', reference.id)
      : [reference.accountSid, reference.conferenceSid, reference.callSid]
  return {
    conference: { accountSid: accountSid(account), sid: conferenceSid(conference) },
    callSid: callSid(call),
  }
}

export const callId = (key: CallKey): string => toNodeId('Call', key.accountSid, key.sid)

export const callKeyOf = (reference: Reference): CallKey => {
  const [account, sid] = 'id' in reference ? partsOf('Call', reference.id) : [reference.accountSid, reference.sid]
  return { accountSid: accountSid(account), sid: callSid(sid) }
}

export const recordingId = ({ call, sid }: RecordingKey): string =>
  toNodeId('Recording', call.accountSid, call.sid, sid)

export const recordingKeyOf = (reference: Reference): RecordingKey => {
  const [account, call, sid] = partsOf('Recording', reference.id)
  return { call: { accountSid: accountSid(account), sid: callSid(call) }, sid: recordingSid(sid) }
}
