import { LRUCache } from 'lru-cache'
import { Breaker, type Passage } from './circuitBreaker.ts'
import { type Failure, RestcommError } from '../errors.ts'
import type { BreakerState } from './observer.ts'

interface BreakersOptions {
  /** How long nothing is sent once one has opened. Milliseconds. */
  readonly openMs: number
  /** Told of the upstream's breaker. */
  readonly onTurn: (state: BreakerState) => void
}

/** Whose request it is, whether it is for that one's own account, and whether it changes something. */
export interface Asker {
  /** A name for the credentials; it is not them. */
  readonly credential: string
  readonly isOwn: boolean
  readonly method: 'GET' | 'POST'
}

/** A request that was let through, to be settled with what came of it. */
export interface Let {
  readonly upstream: Passage
  /** Null where the account has no breaker. */
  readonly account: { readonly breaker: Breaker; readonly passage: Passage } | null
}

/** How many credentials that were answered 500 are remembered, and how long after the last time. Milliseconds. */
const CAPACITY = 1_000
const LIFETIME_MS = 60_000

/**
 * One breaker for the upstream, which opens when it cannot be reached, does not answer, or has something before it that
 * says so; and one for each account that it answers 500.
 *
 * Connect answers 500 to whoever it cannot serve, as an account without an organization, and to whoever asks for an
 * account that does not exist. So one account that is answered 500 again and again must not keep others from being
 * answered, and a 500 for another's account does not even show anything of who asks. Many accounts that are answered so
 * for the first time are a server that fails.
 */
export class Breakers {
  readonly #upstream: Breaker
  readonly #ofAccounts = new LRUCache<string, Breaker>({ max: CAPACITY, ttl: LIFETIME_MS })
  readonly #openMs: number

  constructor({ openMs, onTurn }: BreakersOptions) {
    this.#openMs = openMs
    this.#upstream = new Breaker({ openMs, onTurn })
  }

  get state(): BreakerState {
    return this.#upstream.state
  }

  /** Throws while nothing is to be sent. */
  check({ credential }: Asker): void {
    this.#upstream.check()
    this.#knownOf(credential)?.check()
  }

  /** Whether a request that has just failed may be expected to do better. */
  isWorthRetrying({ credential }: Asker): boolean {
    return this.#upstream.state === 'closed' && (this.#knownOf(credential)?.state ?? 'closed') === 'closed'
  }

  /** A request is sent now. Throws as `check` does. */
  pass(asker: Asker): Let {
    this.check(asker)
    const breaker = asker.isOwn ? this.#knownOf(asker.credential) : undefined
    const account = breaker === undefined ? null : { breaker, passage: breaker.pass() }
    return { upstream: this.#upstream.pass(), account }
  }

  answered({ upstream, account }: Let, { credential, isOwn }: Asker, status: number): void {
    const is500 = status === 500 && isOwn
    // The first 500 of an account may be the server's failure; where it goes on, it is the account's.
    const isFailure = status > 500 || (is500 && this.#knownOf(credential) === undefined)
    this.#upstream.settle(upstream, isFailure ? 'failure' : 'success')
    if (account !== null) account.breaker.settle(account.passage, is500 ? 'failure' : 'success')
    else if (is500) this.#breakerOf(credential).settle(0, 'failure')
  }

  failed({ upstream, account }: Let, { method }: Asker, error: unknown): void {
    const showsNothing = !(error instanceof RestcommError) || GIVEN_UP.has(error.failure) || isLongChange(method, error)
    const verdict = showsNothing ? 'unknown' : isFailureOfUpstream(error) ? 'failure' : 'alive'
    this.#upstream.settle(upstream, verdict)
    // Whatever went wrong, the account was not answered 500.
    account?.breaker.settle(account.passage, showsNothing ? 'unknown' : 'alive')
  }

  #knownOf(credential: string): Breaker | undefined {
    // Most have none, and to look for it costs more than to know that nobody has.
    return this.#ofAccounts.size === 0 ? undefined : this.#ofAccounts.get(credential)
  }

  /** Others of the same credentials may have been answered 500 in the meantime. */
  #breakerOf(credential: string): Breaker {
    let breaker = this.#knownOf(credential)
    if (breaker === undefined) {
      breaker = new Breaker({ openMs: this.#openMs, onTurn: () => undefined })
      this.#ofAccounts.set(credential, breaker)
    }
    return breaker
  }
}

const GIVEN_UP: ReadonlySet<Failure> = new Set(['cancelled', 'outOfTime'])

/** Connect waits a minute for the one call that is to be changed, be it gone, and answers all others meanwhile. */
const isLongChange = (method: Asker['method'], { failure }: RestcommError): boolean =>
  method === 'POST' && failure === 'timedOut'

/** An answer that began shows that the server lives; what becomes of it is that request's own trouble. */
const isFailureOfUpstream = ({ status, failure }: RestcommError): boolean =>
  status === null && (failure === 'unavailable' || failure === 'timedOut')
