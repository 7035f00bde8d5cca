export interface SharedCacheEntry {
  readonly text: string
  /** Remaining lifetime. */
  readonly ttlMs: number
}

/** Cache shared by the replicas of the gateway. Never fails. An unavailable or late entry counts as missing. */
export interface SharedCache {
  /** Returns entries in the order of the keys, with null for a missing entry. */
  read(keys: readonly string[]): Promise<readonly (SharedCacheEntry | null)[]>
  /** Returns before the entry is written. */
  write(key: string, text: string, ttlMs: number): void
}
