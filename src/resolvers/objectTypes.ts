import type {
  AccountResolvers,
  CallResolvers,
  ConferenceResolvers,
  ParticipantResolvers,
  RecordingResolvers,
} from '../generated/types.ts'
import { isConferenceOver } from '../model.ts'
import { encodeNodeId } from '../relay/nodeId.ts'
import {
  callId,
  conferenceId,
  parseAccountSid,
  parseCallKey,
  parseConferenceKey,
  parseParticipantKey,
  parseRecordingKey,
  participantId,
} from './ids.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'

/** Throws if an object to which Restcomm refers does not exist. `description` is, for example, `account AC…`. */
export function assertFound<T>(object: T | null, description: string): T {
  if (object === null) throw new Error(`Restcomm refers to ${description}, but answers that it does not exist.`)
  return object
}

export const Account: AccountResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const sid = parseAccountSid(reference)
    assertAccountAllowed(sid)
    return readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid))
  },
  id: ({ sid }) => encodeNodeId('Account', sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
}

export const Conference: ConferenceResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseConferenceKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Conference', key, info, () => loaders.conference.load(key))
  },
  id: conferenceId,
  account: async ({ accountSid: sid }, _args, { loaders }, info) =>
    assertFound(await readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid)), `account ${sid}`),
  isRunning: conference => !isConferenceOver(conference),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.callConnection(conference, args),
}

export const Participant: ParticipantResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.participant(parseParticipantKey(reference)),
  id: participantId,
  conferenceSid: ({ conference }) => conference.sid,
  conference: async ({ conference }, _args, { loaders }) =>
    assertFound(await loaders.conference.load(conference), `conference ${conference.sid}`),
  call: (participant, _args, { loaders }) => loaders.participantCall.load(participant),
}

export const Call: CallResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseCallKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Call', key, info, () => loaders.call.load(key))
  },
  id: callId,
  recordings: (call, _args, { loaders }) => loaders.recordings.load(call),
}

export const Recording: RecordingResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.recording(parseRecordingKey(reference)),
  id: ({ accountSid, callSid, sid }) => encodeNodeId('Recording', accountSid, callSid, sid),
}
