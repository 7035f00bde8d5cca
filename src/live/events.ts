import type { Call, Conference, ConferenceStatus, Decoded, Participant } from '../model.ts'
import type { DecodingError } from '../restcomm/errors.ts'

export interface ConferenceState {
  readonly conference: Conference
  readonly participants: readonly (Participant | DecodingError)[]
  /** Reads the calls of the participants on first use; all subscribers share the result. */
  readonly activeCalls?: () => Promise<readonly Call[]>
}

export type ParticipantFlag = 'MUTED' | 'HOLD' | 'START_CONFERENCE_ON_ENTER' | 'END_CONFERENCE_ON_EXIT'
export type ParticipantFlags = readonly ParticipantFlag[]

interface Changed<Name> {
  readonly __typename: Name
  readonly conference: Conference
}
/** Each event carries the state after the event, so that resolvers do not read the conference again. */
type Event<Name> = Changed<Name> & ConferenceState
type ParticipantEvent<Name> = Event<Name> & { readonly participant: Participant }

export type ConferenceStarted = Changed<'ConferenceStarted'>
export type ConferenceChanged = Changed<'ConferenceChanged'> & { readonly previousStatus: Decoded<ConferenceStatus> }
export type ConferenceEnded = Changed<'ConferenceEnded'>

export interface AccountSnapshot {
  readonly __typename: 'AccountSnapshot'
  readonly runningConferences: readonly (Conference | DecodingError)[]
}
export type AccountEvent = AccountSnapshot | ConferenceStarted | ConferenceChanged | ConferenceEnded

export type ConferenceSnapshot = Event<'ConferenceSnapshot'>
export type ParticipantJoined = ParticipantEvent<'ParticipantJoined'>
export type ParticipantLeft = ParticipantEvent<'ParticipantLeft'>
export type ParticipantChanged = ParticipantEvent<'ParticipantChanged'> & { readonly changed: ParticipantFlags }
export type ConferenceStatusChanged = Event<'ConferenceStatusChanged'> & {
  readonly previousStatus: Decoded<ConferenceStatus>
}

export type ConferenceEvent =
  | ConferenceSnapshot
  | ConferenceStatusChanged
  | ParticipantJoined
  | ParticipantLeft
  | ParticipantChanged

/** Item of a subscription. A failed poll becomes an error item, so the stream can go on. */
export type EventOrError<E> = E | Error
