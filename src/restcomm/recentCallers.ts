/** A caller counts as active for this time after an operation. */
const ACTIVE_MS = 60_000

/** Remembers whether a second caller was active within the last minute. */
export class RecentCallers {
  #lastId = ''
  #lastActiveAt = Number.NEGATIVE_INFINITY
  /** Last activity of any caller except `#lastId`. */
  #othersActiveAt = Number.NEGATIVE_INFINITY

  record(id: string): void {
    if (id !== this.#lastId) {
      this.#othersActiveAt = this.#lastActiveAt
      this.#lastId = id
    }
    this.#lastActiveAt = performance.now()
  }

  /** Whether a caller other than `id` was active within the last minute. */
  hasOthers(id: string): boolean {
    const othersActiveAt = id === this.#lastId ? this.#othersActiveAt : this.#lastActiveAt
    return performance.now() - othersActiveAt < ACTIVE_MS
  }
}
