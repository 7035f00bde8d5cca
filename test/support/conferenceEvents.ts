/** Subscription to the fields of all events from which the state of a conference is replayed. */
export const CONFERENCE_EVENTS = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { status participants(first: 500) { nodes { callSid muted hold } } } }
    ... on ConferenceStatusChanged { conference { status } }
    ... on ParticipantJoined { participant { callSid muted hold } }
    ... on ParticipantLeft { participant { callSid } }
    ... on ParticipantChanged { participant { callSid muted hold } }
  }
}`

export interface ParticipantState {
  readonly callSid: string
  readonly muted: boolean | null
  readonly hold: boolean | null
}

export interface StreamEvent {
  readonly __typename: string
  readonly conference?: {
    readonly status: string
    readonly participants?: { readonly nodes: readonly ParticipantState[] }
  }
  readonly participant?: ParticipantState
}
