/** What looks are for, and what is heard of another replica's. */
export interface Learner<S> {
  /** Null before the first. */
  readonly state: S | null
  /** How it is now; true if something has happened since the last one. */
  learn(state: S): boolean
  /** Another replica has looked, and it is as it was. */
  confirm(): void
  /**
   * A look failed: whether subscribers are to be told, and whether looking again is of no use. `seen` is what another
   * replica had seen before this one began to lead.
   */
  judge(error: Error, seen: S | null): 'unsaid' | 'told' | 'lasts'
  tell(error: Error, lasts: boolean): void
}
