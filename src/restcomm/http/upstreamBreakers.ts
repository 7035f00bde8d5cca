import { LRUCache } from 'lru-cache'
import { isAccountSid } from '../../model.ts'
import { RestcommError } from '../errors.ts'
import { CircuitBreaker } from './circuitBreaker.ts'
import type { BreakerChange, BreakerState } from './upstreamObserver.ts'

/** Properties of a request that decide which circuit breakers apply. */
export interface RequestScope {
  readonly method: 'GET' | 'POST'
  /** Relative to `/2012-04-24/`. */
  readonly path: string
  readonly authorization: string | null
  readonly credentialHash: string
  readonly clientId: string
  /** Whether Restcomm has already accepted the credentials. */
  readonly isAccepted: boolean
  /** Whether the path is below the client's own account or an account of the allow-list. */
  readonly isKnownAccount: boolean
}

/** What an ended request says about Restcomm. */
type Verdict = 'success' | 'failure' | 'none'

const MAX_CREDENTIALS = 1_000
/** A longer `Retry-After` of Restcomm counts as 60 s, so that an error of the server cannot lock clients out for long. */
const MAX_PAUSE_MS = 60_000
const TRIAL_INTERVAL_MS = 500
/** Bounds the trial requests of all clients, so that many clients are no load for a failing server. */
const MIN_TRIAL_DISTANCE_MS = 100
const PROBE_INTERVAL_MS = 500
/** A client which gives up earlier says nothing about Restcomm. */
export const ABANDONED_AFTER_MS = 1_000
export const TRIAL_TIMEOUT_MS = 2_000
/**
 * Without failures for this time, the account had no trials, so an open breaker says nothing about the present. Longer than
 * the interval and the time limit of trials together, so trials that fail keep the breaker open.
 */
const MAX_FAILURE_AGE_MS = 3_000
/** Maximum number of trial requests in flight. */
export const MAX_TRIALS = TRIAL_TIMEOUT_MS / MIN_TRIAL_DISTANCE_MS

/**
 * A circuit breaker for the server, and a breaker for the credentials of each client with failures.
 *
 * Each failure counts for both. Failures can concern a few accounts, for example of a hanging database, so only the
 * health probe decides whether the server fails: several failing accounts must not stop the requests of all clients.
 * While a breaker is open, each client may send a trial request every 500 ms, and the probe checks the server.
 */
export class UpstreamBreakers {
  readonly #server = new CircuitBreaker()
  readonly #credentials = new LRUCache<string, CircuitBreaker>({
    max: MAX_CREDENTIALS,
    memoMethod: () => new CircuitBreaker(),
  })
  /** Times until which Restcomm asked clients (`credentialHash`) to send no requests. */
  readonly #pauses = new LRUCache<string, number>({ max: MAX_CREDENTIALS })
  /** The trial requests of the last `TRIAL_INTERVAL_MS`, at most five. */
  #trials: { readonly clientId: string; readonly sentAt: number }[] = []
  #lastTrialAt = Number.NEGATIVE_INFINITY
  readonly #probe: () => Promise<Error | null>
  readonly #onChange: (change: BreakerChange, scope: RequestScope) => void
  #probeTimer: NodeJS.Timeout | undefined

  /**
   * `probe` sends a request without credentials, and resolves with the error if Restcomm is not reachable. `onChange` is
   * called with the last request.
   */
  constructor(probe: () => Promise<Error | null>, onChange: (change: BreakerChange, scope: RequestScope) => void) {
    this.#probe = probe
    this.#onChange = onChange
  }

  /** State of the server's breaker. */
  get state(): BreakerState {
    return this.#server.openedAt === null ? 'closed' : 'open'
  }

  /**
   * Must be called before a request is sent. Returns whether the request is a trial. Throws `unavailable` during a pause,
   * or if a breaker is open and no trial is due.
   */
  admit(scope: RequestScope): boolean {
    const now = performance.now()
    const pauseMs = (this.#pauses.get(scope.credentialHash) ?? 0) - now
    if (pauseMs > 0) throw unavailable('Restcomm asked to wait before further requests', Math.ceil(pauseMs / 1_000))
    if (!this.#isOpen(scope)) return false
    if (!this.#isTrialDue(scope, now)) throw unavailable('Most requests to Restcomm fail (circuit breaker open)', 1)
    this.#trials.push({ clientId: scope.clientId, sentAt: now })
    this.#lastTrialAt = now
    return true
  }

  /** Returns whether the breakers are closed and no pause is active. Otherwise a retry would probably be rejected. */
  isWorthRetrying(scope: RequestScope): boolean {
    return !this.#isOpen(scope) && (this.#pauses.get(scope.credentialHash) ?? 0) <= performance.now()
  }

  /** `retryAfterSeconds` stops the client's requests for this time. Other clients are not affected. */
  recordResponse(scope: RequestScope, startedAt: number, status: number, retryAfterSeconds: number | null): void {
    if (retryAfterSeconds !== null) {
      const pauseMs = Math.min(MAX_PAUSE_MS, retryAfterSeconds * 1_000)
      this.#pauses.set(scope.credentialHash, performance.now() + pauseMs)
    }
    const verdict = status < 500 ? 'success' : verdictOn5xx(scope, status, retryAfterSeconds)
    this.#record(scope, startedAt, verdict, status)
  }

  recordError(scope: RequestScope, startedAt: number, error: unknown): void {
    const cause = error instanceof RestcommError ? error.failure : 'cancelled'
    this.#record(scope, startedAt, verdictOnError(scope, startedAt, error), cause)
  }

  close(): void {
    clearInterval(this.#probeTimer)
  }

  #isOpen({ credentialHash }: RequestScope): boolean {
    if (this.#server.openedAt !== null) return true
    const account = this.#credentials.size === 0 ? undefined : this.#credentials.get(credentialHash)
    if (account === undefined || account.openedAt === null) return false
    return performance.now() - account.lastFailureAt < MAX_FAILURE_AGE_MS
  }

  /** A command is no trial, because its timeout says nothing about Restcomm. */
  #isTrialDue({ method, clientId }: RequestScope, now: number): boolean {
    this.#trials = this.#trials.filter(({ sentAt }) => now - sentAt < TRIAL_INTERVAL_MS)
    const isClear = now - this.#lastTrialAt >= MIN_TRIAL_DISTANCE_MS
    return method === 'GET' && isClear && !this.#trials.some(trial => trial.clientId === clientId)
  }

  #record(scope: RequestScope, startedAt: number, verdict: Verdict, cause: string | number): void {
    if (verdict === 'none') return
    const now = performance.now()
    const { credentialHash } = scope
    if (verdict === 'success') {
      this.#recordSuccess(this.#server, scope, now)
      const account = this.#credentials.size === 0 ? undefined : this.#credentials.get(credentialHash)
      if (account !== undefined) this.#recordSuccess(account, scope, now)
      return
    }
    const account = this.#credentials.memo(credentialHash)
    const failing = [account, this.#server].filter(breaker => breaker.recordFailure(startedAt, now))
    if (failing.some(({ openedAt }) => openedAt === null)) void this.#openFailing(failing, scope, cause)
  }

  #recordSuccess(breaker: CircuitBreaker, scope: RequestScope, now: number): void {
    if (breaker.openedAt !== null) this.#change(breaker, scope, null)
    breaker.recordSuccess(now)
  }

  /** Opens the breaker of the server if the probe fails, otherwise the breaker of the account. */
  async #openFailing(failing: readonly CircuitBreaker[], scope: RequestScope, cause: string | number): Promise<void> {
    const startedAt = performance.now()
    const isUnreachable = (await this.#probe()) !== null
    const isServer = isUnreachable && failing.includes(this.#server)
    const breaker = isServer ? this.#server : failing.find(breaker => breaker !== this.#server)
    if (breaker?.openedAt === null && breaker.lastSuccessAt <= startedAt) this.#change(breaker, scope, cause)
  }

  /** Opens the breaker, or closes it if `cause` is null. */
  #change(breaker: CircuitBreaker, scope: RequestScope, cause: string | number | null): void {
    const now = performance.now()
    const { openedAt } = breaker
    breaker.openedAt = cause === null ? null : now
    if (breaker === this.#server) {
      clearInterval(this.#probeTimer)
      const probe = () => void this.#closeIfReachable(scope)
      if (cause !== null) this.#probeTimer = setInterval(probe, PROBE_INTERVAL_MS).unref()
      // The failures of the accounts were failures of the server.
      else this.#credentials.clear()
    }
    const change: BreakerChange = {
      state: cause === null ? 'closed' : 'open',
      scope: breaker === this.#server ? 'server' : 'account',
      account: accountIn(scope.path),
      cause: typeof cause === 'number' ? `status ${cause}` : cause,
      openMs: openedAt === null ? null : now - openedAt,
    }
    this.#onChange(change, scope)
  }

  async #closeIfReachable(scope: RequestScope): Promise<void> {
    const error = await this.#probe()
    if (error === null) this.#recordSuccess(this.#server, scope, performance.now())
  }
}

/** Returns the account SID in a path; null if the path has no SID. */
export function accountIn(path: string): string | null {
  const account = path.split('/', 2)[1] ?? ''
  return isAccountSid(account) ? account : null
}

function verdictOn5xx({ method, isKnownAccount }: RequestScope, status: number, retryAfterSeconds: number | null) {
  if (status > 500) return retryAfterSeconds === null ? 'failure' : 'none'
  // Restcomm Connect answers 500 for an unknown account, and for a command to an ended call.
  return method === 'GET' && isKnownAccount ? 'failure' : 'none'
}

function verdictOnError({ method }: RequestScope, startedAt: number, error: unknown): Verdict {
  const failure = error instanceof RestcommError ? error.failure : 'cancelled'
  // A response above the size limit.
  if (failure === 'malformed') return 'success'
  if (failure === 'unavailable') return (error as RestcommError).status === null ? 'failure' : 'none'
  // Connect can take a minute to change a call, so the timeout of a command is no sign of an outage.
  if (method === 'POST') return 'none'
  if (failure === 'timedOut') return 'failure'
  const isAbandoned = failure === 'cancelled' || failure === 'deadlineExceeded'
  return isAbandoned && performance.now() - startedAt >= ABANDONED_AFTER_MS ? 'failure' : 'none'
}

function unavailable(reason: string, retryAfterSeconds: number): RestcommError {
  const message = `${reason}; try again in ${retryAfterSeconds} s.`
  return new RestcommError('unavailable', message, { retryAfterSeconds })
}
