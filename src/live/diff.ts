import type { Participant } from '../model.ts'
import type { ConferenceEvent, ParticipantFlag, Snapshot } from './events.ts'

const FLAGS: ReadonlyArray<readonly [ParticipantFlag, (participant: Participant) => boolean | null]> = [
  ['MUTED', ({ muted }) => muted],
  ['HOLD', ({ hold }) => hold],
  ['START_CONFERENCE_ON_ENTER', ({ startConferenceOnEnter }) => startConferenceOnEnter],
  ['END_CONFERENCE_ON_EXIT', ({ endConferenceOnExit }) => endConferenceOnExit],
]

const changedFlags = (before: Participant, after: Participant): readonly ParticipantFlag[] =>
  FLAGS.filter(([, of]) => of(before) !== of(after)).map(([flag]) => flag)

/**
 * What happened between two moments of one conference, in an order that replays: first who left, then who joined, then
 * who changed, and the status last, since after the last status nothing follows. A caller who left and came back between
 * the two moments was not seen to be away.
 */
export const difference = (before: Snapshot, after: Snapshot): readonly ConferenceEvent[] => {
  const were = new Map(before.participants.map(participant => [participant.callSid, participant]))
  const are = new Map(after.participants.map(participant => [participant.callSid, participant]))
  const left = before.participants.filter(({ callSid }) => !are.has(callSid))
  const joined = after.participants.filter(({ callSid }) => !were.has(callSid))
  const changed = after.participants.flatMap(participant => {
    const was = were.get(participant.callSid)
    const flags = was === undefined ? [] : changedFlags(was, participant)
    return flags.length > 0 ? [{ participant, flags }] : []
  })
  const { conference: was } = before
  return [
    ...left.map(participant => ({ __typename: 'ParticipantLeft' as const, participant, ...after })),
    ...joined.map(participant => ({ __typename: 'ParticipantJoined' as const, participant, ...after })),
    ...changed.map(({ participant, flags }) => ({
      __typename: 'ParticipantChanged' as const,
      participant,
      changed: flags,
      ...after,
    })),
    ...(was.statusText === after.conference.statusText
      ? []
      : [{ __typename: 'ConferenceStatusChanged' as const, previous: was.status, ...after }]),
  ]
}
