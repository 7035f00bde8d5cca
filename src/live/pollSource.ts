export interface FilledState<S> {
  readonly state: S
  /** False if a missing row could not be read. */
  readonly isComplete: boolean
}

/**
 * A polled resource with states `S` and events `E`. Replicas exchange states as JSON. JSON omits functions, so `parse`
 * restores the functions.
 */
export interface PollSource<S, E> {
  /** Reads the state. `previous` is null for the first poll. */
  poll(previous: S | null): Promise<S>
  /** Must use only the two states, so that all replicas emit equal events. */
  diff(before: S, after: S): readonly E[]
  isFinished(state: S): boolean
  initialEvents(state: S): readonly E[]
  /** Returns the events that replace the dropped events of a slow subscriber. */
  snapshotEvents(state: S): readonly E[]
  /** `state` is the last known state; null before the first successful poll. */
  isPermanentError(error: unknown, state: S | null): boolean
  /**
   * `known` is the state of this replica. `received` is the state from the polling replica. Adds the rows found only in
   * `known` to `received`. Returns null if no row is missing. Must not reject.
   */
  fillGaps?(known: S, received: S): Promise<FilledState<S>> | null
  /** Returns null if the state is invalid, for example from a replica of a different version. */
  parse(value: unknown): S | null
}
