/** Receives states and errors from the poll loop of this replica or of the leading replica. */
export interface StateSink<S> {
  /** Null before the first state. */
  readonly state: S | null
  /** Returns true if the new state causes events. */
  applyState(state: S): boolean
  /** The leading replica polled successfully without a change. */
  touch(): void
  /**
   * Decides whether a failed poll is reported to subscribers and whether polling ends (`fatal`). `seen` is the last
   * state of the previous leader, or null: a resource seen by any replica is known to exist.
   */
  classifyError(error: Error, seen: S | null): 'suppress' | 'report' | 'fatal'
  emitError(error: Error, isFatal: boolean): void
}
