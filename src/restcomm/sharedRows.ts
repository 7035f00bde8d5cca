/**
 * Where the replicas of this gateway keep rows for each other, as texts. It is never waited for longer than a moment, and
 * never fails: what cannot be had is not there.
 */
export interface SharedRows {
  /** In the order of the names; null for what is not there, or not in time. */
  read(names: readonly string[]): Promise<readonly (string | null)[]>
  /** Does not wait for it to be written. */
  write(name: string, text: string, lifeMs: number): void
}
