/** Each request earns so much of a retry: retries stay below a tenth of all that is sent. */
const EARNED = 0.08
/** What there is to begin with, so that the first failure of a quiet gateway can be made good. */
const INITIAL = 3
/** What a long time without failures leaves for a bad moment. */
const MOST = 100

/**
 * How many requests may be sent again. When an upstream fails for good, retries would only add to its load: they end
 * here, and what is asked then fails at once.
 */
export class RetryBudget {
  #tokens = INITIAL

  /** A request is sent for the first time. */
  earn(): void {
    this.#tokens = Math.min(MOST, this.#tokens + EARNED)
  }

  /** Whether a request that failed may be sent again. */
  spend(): boolean {
    return this.#take(1)
  }

  /** The same for one that has only an envelope to gain: half of what can be saved up is left to those that failed. */
  spendOnEnvelope(): boolean {
    return this.#take(this.#tokens > MOST / 2 ? 1 : 2)
  }

  #take(needed: number): boolean {
    if (this.#tokens < needed) return false
    this.#tokens--
    return true
  }
}
