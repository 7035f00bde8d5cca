/** Subscription to the fields of all events from which the running conferences of an account are replayed. */
export const ACCOUNT_EVENTS = `subscription {
  accountEvents {
    __typename
    ... on AccountSnapshot { runningConferences { sid status } }
    ... on ConferenceStarted { conference { sid status } }
    ... on ConferenceChanged { conference { sid status } }
    ... on ConferenceEnded { conference { sid status } }
  }
}`

interface ConferenceStatus {
  readonly sid: string
  readonly status: string
}

export interface AccountStreamEvent {
  readonly __typename: string
  readonly runningConferences?: readonly ConferenceStatus[]
  readonly conference?: ConferenceStatus
}
