export interface FilledState<S> {
  readonly state: S
  /** False if a missing row could not be read. */
  readonly isComplete: boolean
}

/**
 * A polled resource. `S` is the state: replicas exchange states as JSON, and `parse` restores the functions of a state,
 * which JSON omits. `E` is the type of the events between two states.
 */
export interface PollSource<S, E> {
  /** Reads the state; `previous` is null for the first poll. May reject; see `isPermanentError`. */
  poll(previous: S | null): Promise<S>
  /** Pure: the result depends on the two states only, so all replicas emit the same events. */
  diff(before: S, after: S): readonly E[]
  isFinished(state: S): boolean
  initialEvents(state: S): readonly E[]
  /** Replacement for the dropped backlog of a slow subscriber. */
  snapshotEvents(state: S): readonly E[]
  /** `state` is the last known state; null before the first successful poll. */
  isPermanentError(error: unknown, state: S | null): boolean
  /**
   * Adds rows of `known` (state of this replica) to `received` (state of the leading replica) if the leading replica
   * missed the rows, for example conferences that ended before its first poll. Null if nothing is missing. Must not
   * reject. Absent if each poll reads the complete state.
   */
  fillGaps?(known: S, received: S): Promise<FilledState<S>> | null
  /** Validates a state received as JSON; null if invalid, for example from a replica of a different version. */
  parse(value: unknown): S | null
}
