import type { Call, Conference, ConferenceStatus, Participant } from '../model.ts'

/** A conference and everybody who is in it, at one moment. */
export interface Snapshot {
  readonly conference: Conference
  readonly participants: readonly Participant[]
  /** The calls behind them, read when somebody first asks, once for all who do. */
  readonly liveCalls?: () => Promise<readonly Call[]>
}

export type ParticipantFlag = 'MUTED' | 'HOLD' | 'START_CONFERENCE_ON_ENTER' | 'END_CONFERENCE_ON_EXIT'

/** Something that happened. Each event carries the moment after it, so that what is asked of it need not be read again. */
export type ConferenceEvent =
  | ({ readonly __typename: 'ConferenceSnapshot' } & Snapshot)
  | ({ readonly __typename: 'ConferenceStatusChanged'; readonly previous: ConferenceStatus } & Snapshot)
  | ({ readonly __typename: 'ParticipantJoined'; readonly participant: Participant } & Snapshot)
  | ({ readonly __typename: 'ParticipantLeft'; readonly participant: Participant } & Snapshot)
  | ({
      readonly __typename: 'ParticipantChanged'
      readonly participant: Participant
      readonly changed: readonly ParticipantFlag[]
    } & Snapshot)

type Named<N extends ConferenceEvent['__typename']> = Extract<ConferenceEvent, { readonly __typename: N }>
export type ConferenceSnapshot = Named<'ConferenceSnapshot'>
export type ConferenceStatusChanged = Named<'ConferenceStatusChanged'>
export type ParticipantJoined = Named<'ParticipantJoined'>
export type ParticipantLeft = Named<'ParticipantLeft'>
export type ParticipantChanged = Named<'ParticipantChanged'>
