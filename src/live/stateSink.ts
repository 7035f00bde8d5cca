/** Receives states and errors from the poll loop. The loop runs in this replica or in the leading replica. */
export interface StateSink<S> {
  /** Null before the first state. */
  readonly state: S | null
  /** Returns true if the new state causes events. */
  applyState(state: S): boolean
  /** Must be called after a successful poll without a change. */
  touch(): void
  /**
   * 'suppress' hides the error from subscribers, 'report' sends the error, and 'fatal' ends polling. `seen` is the last
   * state of the previous leader, or null.
   */
  classifyError(error: Error, seen: S | null): 'suppress' | 'report' | 'fatal'
  emitError(error: Error, isFatal: boolean): void
}
