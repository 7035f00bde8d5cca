import { LRUCache } from 'lru-cache'
import { Breaker } from './breaker.ts'
import { RestcommError } from './errors.ts'
import type { HttpAnswer } from './http.ts'
import type { BreakerState } from './observer.ts'

export interface BreakersOptions {
  /** How long nothing is sent once one has opened. Milliseconds. */
  readonly openMs: number
  /** Told of the upstream's breaker. */
  readonly onTurn: (state: BreakerState) => void
}

/** Whose request it is, and whether it is for that one's own account. */
export interface Asker {
  /** A name for the credentials; it is not them. */
  readonly credential: string
  readonly isOwn: boolean
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
    this.#upstream = new Breaker({ isFailure: isFailureOfUpstream, openMs, onTurn })
  }

  get state(): BreakerState {
    return this.#upstream.state
  }

  /** Throws while nothing is to be sent. */
  check({ credential }: Asker): void {
    this.#upstream.check()
    this.#ofAccounts.get(credential)?.check()
  }

  /** Whether a request that has just failed may be expected to do better. */
  isWorthRetrying({ credential }: Asker): boolean {
    return this.#upstream.state === 'closed' && (this.#ofAccounts.get(credential)?.state ?? 'closed') === 'closed'
  }

  async run({ credential, isOwn }: Asker, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const judged = async (): Promise<Outcome> => {
      const answer = await send()
      if (answer.status !== 500 || !isOwn) return { answer, isFailure: answer.status > 500 }
      // The first 500 of an account may be the server's failure; where it goes on, it is the account's.
      const isFailure = !this.#ofAccounts.has(credential)
      this.#breakerOf(credential)
      return { answer, isFailure }
    }
    const guarded = async () => (await this.#upstream.run(judged)).answer
    if (!isOwn) return guarded()
    const known = this.#ofAccounts.get(credential)
    if (known !== undefined) return known.run(guarded)
    const answer = await guarded()
    return answer.status === 500 ? this.#breakerOf(credential).run(async () => answer) : answer
  }

  /** Others of the same credentials may have been answered 500 in the meantime. */
  #breakerOf(credential: string): Breaker {
    let breaker = this.#ofAccounts.get(credential)
    if (breaker === undefined) {
      breaker = new Breaker({ isFailure: is500, openMs: this.#openMs, onTurn: () => undefined })
      this.#ofAccounts.set(credential, breaker)
    }
    return breaker
  }
}

interface Outcome {
  readonly answer: HttpAnswer
  readonly isFailure: boolean
}

const is500 = (outcome: unknown): boolean => !(outcome instanceof Error) && (outcome as HttpAnswer).status === 500

const isFailureOfUpstream = (outcome: unknown): boolean => {
  if (!(outcome instanceof RestcommError)) return !(outcome instanceof Error) && (outcome as Outcome).isFailure
  // An answer that began shows that the server lives; what becomes of it is that request's own trouble.
  return outcome.status === null && (outcome.failure === 'unavailable' || outcome.failure === 'timedOut')
}
