import { CircuitState, SamplingBreaker } from 'cockatiel'
import { LRUCache } from 'lru-cache'
import { type FailureKind, RestcommError } from '../errors.ts'
import type { BreakerState } from './upstreamObserver.ts'

/** Properties of a request that select the breakers. */
export interface RequestScope {
  readonly credentialHash: string
  /** Whether the path is below the client's own account or an account of the allow-list. */
  readonly isKnownAccount: boolean
  readonly method: 'GET' | 'POST'
}

/** Permission to send a request. Must be passed back to `recordResponse` or `recordError`. */
interface Permits {
  readonly upstreamTrial: TrialId
  /** Null if the account is unknown or has no breaker. */
  readonly account: { readonly breaker: CircuitBreaker; readonly trial: TrialId } | null
}

const MAX_ACCOUNT_BREAKERS = 1_000
const ACCOUNT_BREAKER_TTL_MS = 60_000
/** A longer `Retry-After` of Restcomm counts as 60 s, so that an error of the server cannot lock clients out for long. */
const MAX_PAUSE_MS = 60_000

/**
 * A circuit breaker for the upstream, and a breaker for each client (`credentialHash`) that received a 500.
 *
 * Restcomm Connect answers 500 for unknown accounts. Therefore a 500 is a failure only for a known account. A client's
 * first 500 counts for both breakers. Later 500s count for the client's breaker only. Connection errors, timeouts and
 * statuses above 500 count for the upstream breaker only.
 */
export class UpstreamBreakers {
  readonly #upstream: CircuitBreaker
  readonly #accounts: LRUCache<string, CircuitBreaker>
  /** Times until which Restcomm asked clients (`credentialHash`) to send no requests. */
  readonly #pauses = new LRUCache<string, number>({ max: MAX_ACCOUNT_BREAKERS })

  /** `onStateChange` is called on state changes of the upstream breaker only. */
  constructor(openMs: number, onStateChange: (state: BreakerState) => void) {
    this.#upstream = new CircuitBreaker(openMs, onStateChange)
    this.#accounts = new LRUCache({
      max: MAX_ACCOUNT_BREAKERS,
      ttl: ACCOUNT_BREAKER_TTL_MS,
      memoMethod: () => new CircuitBreaker(openMs),
    })
  }

  get state(): BreakerState {
    return this.#upstream.state
  }

  /** Throws `unavailable` if the upstream breaker or the client's breaker is open, or after `pause`. */
  assertAvailable({ credentialHash }: RequestScope): void {
    this.#upstream.assertAvailable()
    this.#accounts.get(credentialHash)?.assertAvailable()
    const pauseMs = this.#remainingPauseMs(credentialHash)
    if (pauseMs > 0) {
      const retryAfterSeconds = Math.ceil(pauseMs / 1_000)
      const message = `Restcomm asked to wait before further requests; try again in ${retryAfterSeconds} s.`
      throw new RestcommError('unavailable', message, { retryAfterSeconds })
    }
  }

  /** Rejects the client's requests for the time of a `Retry-After`. Other clients are not affected. */
  pause({ credentialHash }: RequestScope, seconds: number): void {
    this.#pauses.set(credentialHash, performance.now() + Math.min(MAX_PAUSE_MS, seconds * 1_000))
  }

  #remainingPauseMs(credentialHash: string): number {
    return (this.#pauses.get(credentialHash) ?? 0) - performance.now()
  }

  /** Returns whether both breakers are closed and no pause is active. Otherwise a retry would probably be rejected. */
  isWorthRetrying({ credentialHash }: RequestScope): boolean {
    if (this.#remainingPauseMs(credentialHash) > 0) return false
    return this.#upstream.state === 'closed' && (this.#accounts.get(credentialHash)?.state ?? 'closed') === 'closed'
  }

  /** Must be called immediately before sending. Throws like `assertAvailable`. */
  acquire(scope: RequestScope): Permits {
    this.assertAvailable(scope)
    const breaker = scope.isKnownAccount ? this.#accounts.get(scope.credentialHash) : undefined
    const account = breaker === undefined ? null : { breaker, trial: breaker.acquire() }
    return { upstreamTrial: this.#upstream.acquire(), account }
  }

  recordResponse({ upstreamTrial, account }: Permits, scope: RequestScope, status: number): void {
    const { credentialHash } = scope
    const is500 = status === 500 && scope.isKnownAccount
    // A client's first 500 counts for the upstream breaker and the client's breaker, later 500s for the latter only.
    const isUpstreamFailure = status > 500 || (is500 && this.#accounts.get(credentialHash) === undefined)
    this.#upstream.release(upstreamTrial, isUpstreamFailure ? 'failure' : 'success')
    if (account !== null) {
      account.breaker.release(account.trial, is500 ? 'failure' : 'success')
    } else if (is500) {
      // A concurrent request may have created the breaker since `acquire`. `memo` creates a missing breaker only.
      this.#accounts.memo(credentialHash).release(0, 'failure')
    }
  }

  recordError({ upstreamTrial, account }: Permits, { method }: RequestScope, error: unknown): void {
    const isInconclusive =
      !(error instanceof RestcommError) ||
      INCONCLUSIVE_FAILURES.has(error.failure) ||
      // Connect can take a minute to change a call, even if the call has ended, so the timeout is no sign of an outage.
      (method === 'POST' && error.failure === 'timedOut')
    const outcome = isInconclusive ? 'unknown' : isUpstreamFailure(error) ? 'failure' : 'reachable'
    this.#upstream.release(upstreamTrial, outcome)
    // Errors never count as failures of the account, because only a complete response with status 500 does.
    account?.breaker.release(account.trial, isInconclusive ? 'unknown' : 'reachable')
  }
}

const INCONCLUSIVE_FAILURES: ReadonlySet<FailureKind> = new Set(['cancelled', 'deadlineExceeded'])

/** If the error has a status, the server is reachable and the error does not count. */
function isUpstreamFailure({ status, failure }: RestcommError): boolean {
  return status === null && (failure === 'unavailable' || failure === 'timedOut')
}

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
