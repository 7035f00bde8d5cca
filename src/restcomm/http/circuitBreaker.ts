import { CircuitState, SamplingBreaker } from 'cockatiel'
import { RestcommError } from '../errors.ts'
import type { BreakerState } from './observer.ts'

interface BreakerOptions {
  /** How long nothing is sent once it has opened, before one request is let through to see. Milliseconds. */
  readonly openMs: number
  readonly onTurn: (state: BreakerState) => void
}

/**
 * What a request has shown: that others would be answered, that they would not, that the server lives although this one
 * went wrong, or nothing, since it was given up.
 */
type Verdict = 'success' | 'failure' | 'alive' | 'unknown'

/** The number of the trial that is to show whether the others would be answered; 0 for an ordinary request. */
export type Passage = number

/** It opens when more than this share of what was sent failed … */
const THRESHOLD = 0.5
/** … within so many milliseconds … */
const WINDOW_MS = 10_000
/** … of at least so many requests. */
const MINIMUM_REQUESTS = 10

/**
 * Refuses at once what would only be sent to fail. It opens, lets one request through after a while, and closes by itself.
 * It is asked before each request and told after it, and does not stand around it: all requests go through here.
 */
export class Breaker {
  readonly #sampling = new SamplingBreaker({
    threshold: THRESHOLD,
    duration: WINDOW_MS,
    minimumRps: MINIMUM_REQUESTS / (WINDOW_MS / 1_000),
  })
  readonly #openMs: number
  readonly #onTurn: (state: BreakerState) => void
  #state: BreakerState = 'closed'
  #openedAt = 0
  #trials = 0

  constructor({ openMs, onTurn }: BreakerOptions) {
    this.#openMs = openMs
    this.#onTurn = onTurn
  }

  /** Open no longer than it refuses: once it would let a request through it is half open, if none has come yet. */
  get state(): BreakerState {
    return this.#state === 'open' && this.#left() <= 0 ? 'half-open' : this.#state
  }

  /** Throws while nothing is to be sent. */
  check(): void {
    if (this.#state === 'closed') return
    const left = this.#left()
    // Half open, the one request that is to show is under way.
    if (this.#state === 'half-open' || left > 0) {
      const retryAfter = Math.max(1, Math.ceil(left / 1_000))
      const message = `Restcomm has failed too often and is left alone for a moment; try again in ${retryAfter} s.`
      throw new RestcommError('unavailable', message, { retryAfter })
    }
  }

  /** A request is sent now. Throws as `check` does. Each one that is let through is to be settled. */
  pass(): Passage {
    this.check()
    if (this.#state === 'closed') return 0
    this.#turn('half-open')
    return ++this.#trials
  }

  settle(passage: Passage, verdict: Verdict): void {
    if (passage > 0) this.#settleTrial(passage, verdict)
    else if (verdict === 'success') this.#sampling.success(CircuitState.Closed)
    else if (verdict === 'failure' && this.#sampling.failure(CircuitState.Closed)) this.#open()
  }

  #settleTrial(trial: number, verdict: Verdict): void {
    // Opened again in the meantime by what had been sent before; there may even be another trial.
    if (this.#state !== 'half-open' || trial !== this.#trials) return
    if (verdict === 'failure' || verdict === 'unknown') {
      this.#open()
      return
    }
    this.#sampling.success(CircuitState.HalfOpen)
    this.#turn('closed')
  }

  #open(): void {
    if (this.#state === 'open') return
    this.#openedAt = performance.now()
    this.#turn('open')
  }

  #turn(state: BreakerState): void {
    this.#state = state
    this.#onTurn(state)
  }

  /** Milliseconds. */
  #left(): number {
    return this.#openedAt + this.#openMs - performance.now()
  }
}
