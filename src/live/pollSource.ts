import { GraphQLError } from 'graphql'
import { AUTH_FAILURES, RestcommError } from '../restcomm/errors.ts'

/** A polled resource with states `S` and events `E`. Replicas exchange states as JSON, which omits functions. */
export interface PollSource<S, E> {
  /** Reads the state. `previous` is null for the first poll. */
  poll(previous: S | null): Promise<S>
  /**
   * Adds functions, and rows that the state of another replica lacks. `known` is the state of this replica, or null
   * before the first state. Must not reject.
   */
  complete(known: S | null, received: S): S | Promise<S>
  /** Must use only the two states, so that all replicas emit equal events. */
  diff(before: S, after: S): readonly E[]
  isFinished(state: S): boolean
  /** Whether the value, parsed from JSON, is a state of this resource. */
  accepts(state: unknown): state is S
  /** Returns the first event of a subscriber. Also replaces the dropped events of a slow subscriber. */
  snapshot(state: S): E
}

/** Whether Restcomm refused the credentials. A single refusal may be a fault of Restcomm, or of a proxy. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RestcommError && AUTH_FAILURES.includes(error.failure)
}

/**
 * True if later polls would fail as well: the resource does not exist or the credentials lack permission. If a poll has
 * succeeded before, "not found" means a restart of Restcomm, and polling goes on.
 */
export function isPermanentError(error: Error, hasState: boolean): boolean {
  if (isRefusal(error)) return true
  // A `PollSource` throws a GraphQL error only if the resource does not exist.
  const isNotFound = error instanceof GraphQLError || (error instanceof RestcommError && error.failure === 'notFound')
  return isNotFound && !hasState
}
