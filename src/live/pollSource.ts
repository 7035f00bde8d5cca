export interface FilledState<S> {
  readonly state: S
  /** False if a missing row could not be read. */
  readonly isComplete: boolean
}

/**
 * A polled resource. `S` is the type of the state, and `E` the type of the events between two states. Replicas exchange
 * states as JSON, which omits functions; `parse` restores the functions.
 */
export interface PollSource<S, E> {
  /** Reads the state; `previous` is null for the first poll. May reject; `isPermanentError` classifies the error. */
  poll(previous: S | null): Promise<S>
  /** Must depend on the two states only, so that all replicas emit the same events. */
  diff(before: S, after: S): readonly E[]
  isFinished(state: S): boolean
  initialEvents(state: S): readonly E[]
  /** Returns the events that replace the dropped events of a slow subscriber. */
  snapshotEvents(state: S): readonly E[]
  /** `state` is the last known state; null before the first successful poll. */
  isPermanentError(error: unknown, state: S | null): boolean
  /**
   * Adds rows of `known` (state of this replica) to `received` (state of the replica that polls) if the received state
   * lacks the rows, for example conferences that ended before the first poll. Returns null if nothing is missing. Must
   * not reject. A source whose polls read the complete state needs no `fillGaps`.
   */
  fillGaps?(known: S, received: S): Promise<FilledState<S>> | null
  /** Validates a state received as JSON; null if invalid, for example from a replica of a different version. */
  parse(value: unknown): S | null
}
