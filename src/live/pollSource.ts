export interface Completed<S> {
  readonly state: S
  /** Whether nothing is missing any more. */
  readonly isWhole: boolean
}

/**
 * What is watched. `S` is how it is at one moment: plain data that JSON can carry from one replica to another, apart from
 * functions, which `revive` puts back. `E` is something that happened between two moments.
 */
export interface Subject<S, E> {
  /** Looks. `before` is how it was, null at first. Throws when that fails; `isLasting` says whether looking again can help. */
  look(before: S | null): Promise<S>
  /** What happened in between. Pure: the same for whoever knows the same two moments. */
  difference(before: S, after: S): readonly E[]
  /** Whether nothing can happen any more. */
  isOver(state: S): boolean
  /** What a new subscriber is told, before what happens after that moment. */
  greeting(state: S): readonly E[]
  /** What takes the place of events that a subscriber was too slow to read. */
  resync(state: S): readonly E[]
  /** `state` is what is known by then; null before the first look that succeeded. */
  isLasting(error: unknown, state: S | null): boolean
  /**
   * Adds to what another replica has told what is known here and it cannot have known; null where nothing is missing.
   * Never rejects. Absent where a state has everything by itself.
   */
  complete?(known: S, heard: S): Promise<Completed<S>> | null
  /** The state that came as JSON from another replica; null for what is not one, or one of another version. */
  revive(value: unknown): S | null
}
