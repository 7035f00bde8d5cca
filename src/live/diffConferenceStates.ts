import type { Participant } from '../model.ts'
import type { ConferenceEvent, ConferenceState, ParticipantFlag } from './events.ts'

const FLAG_READERS: ReadonlyArray<readonly [ParticipantFlag, (participant: Participant) => boolean | null]> = [
  ['MUTED', ({ muted }) => muted],
  ['HOLD', ({ hold }) => hold],
  ['START_CONFERENCE_ON_ENTER', ({ startConferenceOnEnter }) => startConferenceOnEnter],
  ['END_CONFERENCE_ON_EXIT', ({ endConferenceOnExit }) => endConferenceOnExit],
]

/**
 * Returns the events between two states. The event of the status is the last, because no event may follow the final
 * status. If a participant leaves and returns between two polls, the result has no event for the participant.
 */
export function diffConferenceStates(before: ConferenceState, after: ConferenceState): readonly ConferenceEvent[] {
  const beforeByCall = new Map(before.participants.map(participant => [participant.callSid, participant]))
  const afterByCall = new Map(after.participants.map(participant => [participant.callSid, participant]))
  const left = before.participants.filter(({ callSid }) => !afterByCall.has(callSid))
  const joined = after.participants.filter(({ callSid }) => !beforeByCall.has(callSid))
  const changed = after.participants.flatMap(participant => {
    const previous = beforeByCall.get(participant.callSid)
    const flags = previous === undefined ? [] : changedFlags(previous, participant)
    return flags.length > 0 ? [{ participant, flags }] : []
  })
  return [
    ...left.map(participant => ({ __typename: 'ParticipantLeft' as const, participant, ...after })),
    ...joined.map(participant => ({ __typename: 'ParticipantJoined' as const, participant, ...after })),
    ...changed.map(({ participant, flags }) => ({
      __typename: 'ParticipantChanged' as const,
      participant,
      changed: flags,
      ...after,
    })),
    ...(before.conference.statusText === after.conference.statusText
      ? []
      : [{ __typename: 'ConferenceStatusChanged' as const, previous: before.conference.status, ...after }]),
  ]
}

function changedFlags(before: Participant, after: Participant): readonly ParticipantFlag[] {
  return FLAG_READERS.filter(([, read]) => read(before) !== read(after)).map(([flag]) => flag)
}
