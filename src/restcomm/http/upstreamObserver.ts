import type { Resource } from './requestSpan.ts'

/** The status class of a response, or the reason for a missing response. */
export type RequestOutcome = '2xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'unreachable' | 'malformed' | 'cancelled'

/** `closed` sends requests, `open` rejects requests, `half-open` sends a single trial request. */
export type BreakerState = 'closed' | 'open' | 'half-open'

export interface UpstreamObserver {
  /** Called once per sent attempt. Each retry is a separate attempt. */
  requestEnded(resource: Resource, outcome: RequestOutcome, seconds: number): void
  /** Called before a retry. `envelope` means that a list had the envelope of a different request. */
  retried(resource: Resource, reason: 'failure' | 'envelope'): void
  /** Called instead of sending a request, if an equal request is in flight. Both requests share the response. */
  deduplicated(resource: Resource): void
  /** Called for a request rejected because the queue is full. */
  overloaded(resource: Resource): void
  breakerStateChanged(state: BreakerState): void
}
