import { CircuitState, SamplingBreaker } from 'cockatiel'
import { RestcommError } from '../errors.ts'
import type { BreakerState } from './upstreamObserver.ts'

/**
 * `reachable` is an error although the server responded. `unknown` is, for example, a cancellation. After a trial
 * request, `reachable` closes the breaker, and `unknown` reopens the breaker.
 */
type Outcome = 'success' | 'failure' | 'reachable' | 'unknown'

/** Number of a trial request through a half-open breaker; 0 for a request through a closed breaker. */
export type TrialId = number

const MAX_FAILURE_SHARE = 0.5
const WINDOW_MS = 10_000
const MIN_REQUESTS_IN_WINDOW = 10

/**
 * Opens after repeated failures, rejects requests for `openMs`, then closes or reopens after a single trial request.
 * Uses only cockatiel's sampling, because cockatiel's policies would wrap every upstream request in further promises.
 */
export class CircuitBreaker {
  readonly #sampling = new SamplingBreaker({
    threshold: MAX_FAILURE_SHARE,
    duration: WINDOW_MS,
    minimumRps: MIN_REQUESTS_IN_WINDOW / (WINDOW_MS / 1_000),
  })
  readonly #openMs: number
  readonly #onStateChange: (state: BreakerState) => void
  #state: BreakerState = 'closed'
  #openedAt = 0
  #lastTrial: TrialId = 0

  constructor(openMs: number, onStateChange: (state: BreakerState) => void = () => undefined) {
    this.#openMs = openMs
    this.#onStateChange = onStateChange
  }

  /** Returns `half-open` as soon as `openMs` have passed, even if no trial request has been sent. */
  get state(): BreakerState {
    return this.#state === 'open' && this.#remainingOpenMs() <= 0 ? 'half-open' : this.#state
  }

  /** Throws `unavailable` while the breaker is open or a trial request is in flight. */
  assertAvailable(): void {
    if (this.#state === 'closed') return
    const remainingMs = this.#remainingOpenMs()
    if (this.#state === 'half-open' || remainingMs > 0) {
      const retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1_000))
      const message = `Most requests to Restcomm fail (circuit breaker open); try again in ${retryAfterSeconds} s.`
      throw new RestcommError('unavailable', message, { retryAfterSeconds })
    }
  }

  /** Must be called before sending. Then `release` must be called once. Throws like `assertAvailable`. */
  acquire(): TrialId {
    this.assertAvailable()
    if (this.#state === 'closed') return 0
    this.#transition('half-open')
    return ++this.#lastTrial
  }

  release(trial: TrialId, outcome: Outcome): void {
    if (trial > 0) this.#releaseTrial(trial, outcome)
    else if (outcome === 'success') this.#sampling.success(CircuitState.Closed)
    else if (outcome === 'failure' && this.#sampling.failure(CircuitState.Closed)) this.#open()
  }

  #releaseTrial(trial: TrialId, outcome: Outcome): void {
    // A trial is outdated if the breaker is not half-open, or if a newer trial has started.
    if (this.#state !== 'half-open' || trial !== this.#lastTrial) return
    if (outcome === 'failure' || outcome === 'unknown') {
      this.#open()
      return
    }
    this.#sampling.success(CircuitState.HalfOpen)
    this.#transition('closed')
  }

  #open(): void {
    if (this.#state === 'open') return
    this.#openedAt = performance.now()
    this.#transition('open')
  }

  #transition(state: BreakerState): void {
    this.#state = state
    this.#onStateChange(state)
  }

  #remainingOpenMs(): number {
    return this.#openedAt + this.#openMs - performance.now()
  }
}
