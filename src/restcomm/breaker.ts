import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleWhen, SamplingBreaker } from 'cockatiel'
import { RestcommError } from './errors.ts'
import type { BreakerState } from './observer.ts'

export interface BreakerOptions {
  /** Whether what came of a request, a result or an error, counts as a failure. */
  readonly isFailure: (outcome: unknown) => boolean
  /** How long nothing is sent once it has opened, before one request is let through to see. Milliseconds. */
  readonly openMs: number
  readonly onTurn: (state: BreakerState) => void
}

/** It opens when more than this share of what was sent failed … */
const THRESHOLD = 0.5
/** … within so many milliseconds … */
const WINDOW_MS = 10_000
/** … of at least so many requests. */
const MINIMUM_REQUESTS = 10

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
}

/** Refuses at once what would only be sent to fail. It opens, lets one request through after a while, and closes by itself. */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy
  readonly #openMs: number
  #openedAt = 0

  constructor({ isFailure, openMs, onTurn }: BreakerOptions) {
    this.#openMs = openMs
    // Half open, a request that was given up has not shown that others would be answered.
    const fails = (error: unknown) =>
      isFailure(error) || (isGivenUp(error) && this.#policy.state === CircuitState.HalfOpen)
    this.#policy = circuitBreaker(handleWhen(fails).orWhenResult(isFailure), {
      halfOpenAfter: openMs,
      breaker: new SamplingBreaker({
        threshold: THRESHOLD,
        duration: WINDOW_MS,
        minimumRps: MINIMUM_REQUESTS / (WINDOW_MS / 1_000),
      }),
    })
    this.#policy.onStateChange(state => {
      if (state === CircuitState.Open) this.#openedAt = Date.now()
      onTurn(STATES[state])
    })
  }

  /** Open no longer than it refuses: once it would let a request through it is half open, if none has come yet. */
  get state(): BreakerState {
    const { state } = this.#policy
    return state === CircuitState.Open && this.#left() <= 0 ? 'half-open' : STATES[state]
  }

  /** Throws while nothing is to be sent. */
  check(): void {
    const left = this.#left()
    const { state } = this.#policy
    // Half open, the one request that is to show is under way.
    if (state === CircuitState.HalfOpen || (state === CircuitState.Open && left > 0)) {
      const retryAfter = Math.max(1, Math.ceil(left / 1_000))
      const message = `Restcomm has failed too often and is left alone for a moment; try again in ${retryAfter} s.`
      throw new RestcommError('unavailable', message, { retryAfter })
    }
  }

  /** Milliseconds. */
  #left(): number {
    return this.#openedAt + this.#openMs - Date.now()
  }

  async run<T>(send: () => Promise<T>): Promise<T> {
    this.check()
    return this.#policy.execute(send)
  }
}

const isGivenUp = (error: unknown): boolean =>
  error instanceof RestcommError && (error.failure === 'cancelled' || error.failure === 'outOfTime')
