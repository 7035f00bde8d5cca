/** What is asked of Restcomm, as it is counted. */
export type Resource =
  | 'account'
  | 'conferences'
  | 'conference'
  | 'participants'
  | 'participant'
  | 'calls'
  | 'call'
  | 'recordings'

/** How a request upstream ended: with the class of its status, or with none. */
export type RequestOutcome = '2xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'unreachable' | 'malformed' | 'cancelled'

/** Closed lets requests through, open refuses them, half-open lets one through to see. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** Told what happens between the gateway and Restcomm, for whoever counts it. */
export interface UpstreamObserver {
  /** One request that was really sent is over. */
  requested(resource: Resource, outcome: RequestOutcome, seconds: number): void
  /** A request is sent again, since it failed or its envelope was another's. */
  retried(resource: Resource, reason: 'failure' | 'envelope'): void
  /** A request that was not sent, since an equal one of the same credentials was under way. */
  joined(resource: Resource): void
  /** A request that was not sent: too many were under way and waiting. */
  overloaded(resource: Resource): void
  breakerTurned(state: BreakerState): void
}

export const UNOBSERVED: UpstreamObserver = {
  requested: () => undefined,
  retried: () => undefined,
  joined: () => undefined,
  overloaded: () => undefined,
  breakerTurned: () => undefined,
}
