import type { Resource } from './requestSpan.ts'

/**
 * The status class of a response, or the reason for a missing response. `timeout`: no response within the time limit of
 * the request to Restcomm or of the GraphQL request. `abandoned`: the client left after at least a second without a
 * response. `cancelled`: the client left earlier.
 */
export type RequestOutcome =
  | '2xx'
  | '3xx'
  | '4xx'
  | '5xx'
  | 'timeout'
  | 'abandoned'
  | 'unreachable'
  | 'malformed'
  | 'cancelled'

/** `closed` sends all requests, `open` rejects requests except a few trial requests. */
export type BreakerState = 'closed' | 'open'

export interface BreakerChange {
  readonly state: BreakerState
  /** `account` is the circuit breaker of the credentials of a single client. */
  readonly scope: 'server' | 'account'
  /** SID of the account in the path of the last request; null if the path has no SID. */
  readonly account: string | null
  /** The last failure; null when the breaker closes. */
  readonly cause: string | null
  /** How long the breaker was open; null when the breaker opens. */
  readonly openMs: number | null
}

export interface UpstreamObserver {
  /** Called once per sent attempt. Each retry is a separate attempt. */
  requestEnded(resource: Resource, outcome: RequestOutcome, seconds: number): void
  /** Called before a retry. `envelope` means that a list had the envelope of a different request. */
  retried(resource: Resource, reason: 'failure' | 'envelope'): void
  /** Called instead of sending a request, if an equal request is in flight. Both requests share the response. */
  deduplicated(resource: Resource): void
  /** Called for a request rejected because the queue is full or the process has no free file descriptors. */
  overloaded(resource: Resource): void
  breakerChanged(change: BreakerChange): void
  /** Called when Restcomm asks a client to send no requests for a time. `account` is the SID in the path, or null. */
  paused(account: string | null, seconds: number): void
}
