interface RetryBudgetOptions {
  readonly depositPerRequest: number
  /** Number of retries available at the start, before requests have filled the budget. */
  readonly initialTokens: number
}

const MAX_TOKENS = 50

/** Limits retries to a share of all requests, because unlimited retries multiply the load on a failing upstream. */
export class RetryBudget {
  readonly #depositPerRequest: number
  #tokens: number

  constructor({ depositPerRequest, initialTokens }: RetryBudgetOptions) {
    this.#depositPerRequest = depositPerRequest
    this.#tokens = initialTokens
  }

  /** Must be called once for each request, not for retries. */
  deposit(): void {
    this.#tokens = Math.min(MAX_TOKENS, this.#tokens + this.#depositPerRequest)
  }

  /** Takes a token for a retry; returns false if no token is left. */
  tryWithdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
