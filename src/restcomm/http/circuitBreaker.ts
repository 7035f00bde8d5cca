const MIN_FAILURES = 3
const MIN_FAILURE_MS = 1_000

/**
 * State of a circuit breaker. Failures without a success in between are a run. A run is long enough to open the breaker
 * with 3 failures, if at least a second lies between the start of the first failed request and the end of the last. So
 * the rate of requests does not matter. Times are values of `performance.now()`.
 */
export class CircuitBreaker {
  /** When the breaker was opened; null while closed. Set by the owner. */
  openedAt: number | null = null
  lastSuccessAt = Number.NEGATIVE_INFINITY
  lastFailureAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #failingSince = 0

  /** Returns whether the run of failures is long enough to open the breaker. */
  recordFailure(startedAt: number, now: number): boolean {
    if (this.#failures === 0) this.#failingSince = Math.max(startedAt, this.lastSuccessAt)
    this.#failures++
    this.lastFailureAt = now
    return this.#failures >= MIN_FAILURES && now - this.#failingSince >= MIN_FAILURE_MS
  }

  /** Ends the run of failures. */
  recordSuccess(now: number): void {
    this.#failures = 0
    this.lastSuccessAt = now
  }
}
