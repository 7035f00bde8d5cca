import type { Call, Conference, ConferenceStatus, Participant } from '../model.ts'

export interface ConferenceState {
  readonly conference: Conference
  readonly participants: readonly Participant[]
  /** Reads the calls of the participants on first use; all subscribers share the result. */
  readonly activeCalls?: () => Promise<readonly Call[]>
}

export type ParticipantFlag = 'MUTED' | 'HOLD' | 'START_CONFERENCE_ON_ENTER' | 'END_CONFERENCE_ON_EXIT'

/** Each event carries the state after the event, so that resolvers do not read the conference again. */
export type ConferenceEvent =
  | ({ readonly __typename: 'ConferenceSnapshot' } & ConferenceState)
  | ({ readonly __typename: 'ConferenceStatusChanged'; readonly previous: ConferenceStatus } & ConferenceState)
  | ({ readonly __typename: 'ParticipantJoined'; readonly participant: Participant } & ConferenceState)
  | ({ readonly __typename: 'ParticipantLeft'; readonly participant: Participant } & ConferenceState)
  | ({
      readonly __typename: 'ParticipantChanged'
      readonly participant: Participant
      readonly changed: readonly ParticipantFlag[]
    } & ConferenceState)

type EventOf<N extends ConferenceEvent['__typename']> = Extract<ConferenceEvent, { readonly __typename: N }>
export type ConferenceSnapshot = EventOf<'ConferenceSnapshot'>
export type ConferenceStatusChanged = EventOf<'ConferenceStatusChanged'>
export type ParticipantJoined = EventOf<'ParticipantJoined'>
export type ParticipantLeft = EventOf<'ParticipantLeft'>
export type ParticipantChanged = EventOf<'ParticipantChanged'>
