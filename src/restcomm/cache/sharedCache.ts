export interface SharedRow {
  readonly text: string
  /** How much of its life is left. Milliseconds. */
  readonly leftMs: number
}

/**
 * Where the replicas of this gateway keep rows for each other, as texts. It is never waited for longer than a moment, and
 * never fails: what cannot be had is not there.
 */
export interface SharedRows {
  /** In the order of the names; null for what is not there, or not in time. */
  read(names: readonly string[]): Promise<readonly (SharedRow | null)[]>
  /** Does not wait for it to be written. */
  write(name: string, text: string, lifeMs: number): void
}
