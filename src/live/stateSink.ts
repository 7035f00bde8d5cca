/** Receives states and errors from the poll loop, which runs in this replica or in the leading replica. */
export interface StateSink<S> {
  /** Null before the first state. */
  readonly state: S | null
  /** Returns true if the new state causes events. */
  applyState(state: S): boolean
  /** Must be called after a successful poll without a change. */
  touch(): void
  /**
   * Decides whether a failed poll is reported to subscribers and whether polling ends (`fatal`). `seen` is the last
   * state of the previous leader, or null. A resource with a state exists, so "not found" is then not permanent.
   */
  classifyError(error: Error, seen: S | null): 'suppress' | 'report' | 'fatal'
  emitError(error: Error, isFatal: boolean): void
}
