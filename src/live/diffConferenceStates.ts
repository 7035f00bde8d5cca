import { type Decoded, isReadable, isSameValue, type Participant } from '../model.ts'
import type { ConferenceEvent, ConferenceState, ParticipantFlag, ParticipantFlags } from './events.ts'

const FLAG_READERS: ReadonlyArray<readonly [ParticipantFlag, (participant: Participant) => Decoded<boolean | null>]> = [
  ['MUTED', ({ muted }) => muted],
  ['HOLD', ({ hold }) => hold],
  ['START_CONFERENCE_ON_ENTER', ({ startConferenceOnEnter }) => startConferenceOnEnter],
  ['END_CONFERENCE_ON_EXIT', ({ endConferenceOnExit }) => endConferenceOnExit],
]

/**
 * Returns the events between two states. The event of the status is the last, because no event may follow the final
 * status. Rows without a valid identity cause no event. If a participant leaves and returns between two polls, the
 * result has no event for the participant.
 */
export function diffConferenceStates(before: ConferenceState, after: ConferenceState): readonly ConferenceEvent[] {
  const participantsBefore = before.participants.filter(isReadable)
  const participants = after.participants.filter(isReadable)
  const beforeByCall = new Map(participantsBefore.map(participant => [participant.callSid, participant]))
  const afterByCall = new Map(participants.map(participant => [participant.callSid, participant]))
  const left = participantsBefore.filter(({ callSid }) => !afterByCall.has(callSid))
  const joined = participants.filter(({ callSid }) => !beforeByCall.has(callSid))
  return [
    ...left.map(participant => ({ __typename: 'ParticipantLeft' as const, participant, ...after })),
    ...joined.map(participant => ({ __typename: 'ParticipantJoined' as const, participant, ...after })),
    ...participants.flatMap(participant => {
      const changed = changedFlags(beforeByCall.get(participant.callSid), participant)
      return changed.length > 0 ? [{ __typename: 'ParticipantChanged' as const, participant, changed, ...after }] : []
    }),
    ...(isSameValue(before.conference.statusText, after.conference.statusText)
      ? []
      : [{ __typename: 'ConferenceStatusChanged' as const, previousStatus: before.conference.status, ...after }]),
  ]
}

function changedFlags(before: Participant | undefined, after: Participant): ParticipantFlags {
  if (before === undefined) return []
  return FLAG_READERS.filter(([, read]) => !isSameValue(read(before), read(after))).map(([flag]) => flag)
}
