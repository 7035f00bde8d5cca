interface RetryBudgetOptions {
  /** How much of a retry each request earns. */
  readonly earned: number
  /** How many retries there are to begin with, for the first failures of a quiet gateway. */
  readonly initial: number
}

/** What a long time without failures leaves for a bad moment. */
const MOST = 50

/**
 * How many requests may be sent again. When an upstream fails for good, retries would only add to its load: they end
 * here, and what is asked then fails at once.
 */
export class RetryBudget {
  readonly #earned: number
  #tokens: number

  constructor({ earned, initial }: RetryBudgetOptions) {
    this.#earned = earned
    this.#tokens = initial
  }

  /** A request is sent for the first time. */
  earn(): void {
    this.#tokens = Math.min(MOST, this.#tokens + this.#earned)
  }

  /** Whether a request may be sent again. */
  spend(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
