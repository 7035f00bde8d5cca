import type { CallKey, ConferenceKey, ParticipantKey, RecordingKey } from '../model.ts'
import { decodeNodeId, encodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { parseScalar } from './scalars.ts'

/** Contains an `id` or the key fields of a federation reference. The parse functions validate the untyped values. */
export type Reference = Readonly<Record<string, unknown>>

/**
 * Returns the keys of an object from an `id` of the given type, or from the key fields of a reference. A null counts as
 * missing, because some routers send all keys. Throws `BAD_USER_INPUT` for an invalid id, for the id of a different type,
 * and for key fields which contradict the id.
 */
function keysOf(type: string, reference: Reference, keyFields: readonly string[]): readonly unknown[] {
  const given = keyFields.map(field => reference[field] ?? null)
  if (reference.id === null || reference.id === undefined) {
    if (given.every(key => key === null)) throw missingKey(type, keyFields)
    return given
  }
  const nodeId = decodeNodeId(reference.id)
  if (nodeId.type !== type) {
    throw badUserInput(`${quote(reference.id)} is the id of a ${nodeId.type}: expected the id of a ${type}.`)
  }
  // Additional keys are not ignored, because an object would otherwise have several valid ids.
  if (nodeId.keys.length !== keyFields.length) throw invalidNodeId(reference.id)
  const contradiction = given.findIndex((value, i) => value !== null && value !== nodeId.keys[i])
  if (contradiction >= 0) {
    const key = `\`${keyFields[contradiction]}: ${quote(given[contradiction])}\``
    throw badUserInput(`${key} contradicts the id ${quote(reference.id)}: expected keys of one ${type}.`)
  }
  return nodeId.keys
}

export function missingKey(type: string, keyFields: readonly string[]): Error {
  const alternative = keyFields.length === 0 ? '' : `, or \`${keyFields.join('` and `')}\``
  return badUserInput(`The reference of type ${type} has no key: expected \`id\`${alternative}.`)
}

export function parseAccountSid(reference: Reference): string {
  const [sid] = keysOf('Account', reference, ['sid'])
  return parseScalar('AccountSid', sid)
}

export function parseConferenceKey(reference: Reference): ConferenceKey {
  const [account, sid] = keysOf('Conference', reference, ['accountSid', 'sid'])
  return { accountSid: parseScalar('AccountSid', account), sid: parseScalar('ConferenceSid', sid) }
}

export function participantId({ conference, callSid }: ParticipantKey): string {
  return encodeNodeId('Participant', conference.accountSid, conference.sid, callSid)
}

export function parseParticipantKey(reference: Reference): ParticipantKey {
  const [account, conference, call] = keysOf('Participant', reference, ['accountSid', 'conferenceSid', 'callSid'])
  return {
    conference: { accountSid: parseScalar('AccountSid', account), sid: parseScalar('ConferenceSid', conference) },
    callSid: parseScalar('CallSid', call),
  }
}

export function parseCallKey(reference: Reference): CallKey {
  const [account, sid] = keysOf('Call', reference, ['accountSid', 'sid'])
  return { accountSid: parseScalar('AccountSid', account), sid: parseScalar('CallSid', sid) }
}

export function parseRecordingKey(reference: Reference): RecordingKey {
  const [account, call, sid] = keysOf('Recording', reference, ['accountSid', 'callSid', 'sid'])
  return {
    call: { accountSid: parseScalar('AccountSid', account), sid: parseScalar('CallSid', call) },
    sid: parseScalar('RecordingSid', sid),
  }
}
