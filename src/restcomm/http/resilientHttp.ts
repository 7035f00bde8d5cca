import { Attempt, type UpstreamRequest } from './attempt.ts'
import { Breakers } from './accountBreakers.ts'
import { Bulkhead } from './bulkhead.ts'
import type { Cancellation } from '../cancellation.ts'
import { type Failure, RestcommError } from '../errors.ts'
import type { Http } from './pool.ts'
import type { HttpAnswer } from './dispatch.ts'
import type { BreakerState, Resource, UpstreamObserver } from './observer.ts'
import { RetryBudget } from './retryBudget.ts'

export interface ResilienceOptions {
  /** Requests under way at the same time, at most. */
  readonly connections: number
  /** Requests that wait for one of these to be done, at most. */
  readonly maximumWaiting: number
  /** How long nothing is sent once the upstream has failed too often. Milliseconds. */
  readonly breakerOpenMs: number
  readonly observer: UpstreamObserver
}

/** What is worth looking at between the gateway and the upstream, at this moment. */
interface UpstreamFigures {
  readonly inFlight: number
  readonly waiting: number
  readonly breaker: BreakerState
}

/** A GET is sent so many times at most. */
const TRIES = 3
/** Before the first retry, on average; twice as long before the second. Milliseconds. */
const PAUSE_MS = 20
/**
 * Together they stay below a tenth of all that is sent. A server that mixes up every fifth envelope must not use up what
 * there is for requests that failed: of a list without its envelope the rows still tell the truth.
 */
const FAILURES = { earned: 0.05, initial: 3 }
const ENVELOPES = { earned: 0.03, initial: 1 }
/** Of a server that fails at this moment, and may not at the next. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504])

/**
 * Sends requests to an upstream that may fail: so many at a time, again where that is safe and likely to help, and not
 * at all while it would only be waiting for nothing.
 */
export class ResilientHttp {
  readonly #http: Http
  readonly #observer: UpstreamObserver
  readonly #bulkhead: Bulkhead
  readonly #breakers: Breakers
  readonly #budget = new RetryBudget(FAILURES)
  /** For accounts other than the caller's own: anybody can make them fail, by asking for one that does not exist. */
  readonly #budgetForOthers = new RetryBudget(FAILURES)
  readonly #envelopeBudget = new RetryBudget(ENVELOPES)

  constructor(http: Http, { connections, maximumWaiting, breakerOpenMs, observer }: ResilienceOptions) {
    this.#http = http
    this.#observer = observer
    this.#bulkhead = new Bulkhead(connections, maximumWaiting)
    this.#breakers = new Breakers({ openMs: breakerOpenMs, onTurn: state => observer.breakerTurned(state) })
  }

  get figures(): UpstreamFigures {
    return { inFlight: this.#bulkhead.inFlight, waiting: this.#bulkhead.waiting, breaker: this.#breakers.state }
  }

  /**
   * The answer of the last try, whatever its status. A GET is tried again where the connection or the server failed, as
   * long as the retry budget allows it; a POST never is, since it may have been done.
   */
  async send(request: UpstreamRequest): Promise<HttpAnswer> {
    const budget = request.isOwn ? this.#budget : this.#budgetForOthers
    budget.earn()
    this.#envelopeBudget.earn()
    for (let attempt = 1; ; attempt++) {
      let sent: Attempt | null = null
      try {
        // Before it waits in line, and again when its turn has come.
        this.#breakers.check(request)
        const turn = this.#bulkhead.enter(request.cancellation)
        if (turn !== null) await turn
        sent = this.#begin(request)
        const answer = await this.#http.send(request, sent.span)
        sent.answered(answer.status)
        if (!PASSING_STATUSES.has(answer.status) || !this.#mayRetry(request, attempt, budget)) return answer
      } catch (error) {
        sent?.failed(error)
        if (failureOf(error) === 'overloaded') this.#observer.overloaded(request.resource)
        if (!isPassing(error) || !this.#mayRetry(request, attempt, budget)) throw error
      }
      this.#observer.retried(request.resource, 'failure')
      await pause(attempt, request.cancellation)
    }
  }

  /** Whether a list may be asked for again whose envelope was another's. */
  mayRepeat(resource: Resource): boolean {
    const may = this.#envelopeBudget.spend()
    if (may) this.#observer.retried(resource, 'envelope')
    return may
  }

  /** A request was not sent, since it shares the answer of one that is under way. */
  joined(resource: Resource): void {
    this.#observer.joined(resource)
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #mayRetry(request: UpstreamRequest, attempt: number, budget: RetryBudget): boolean {
    return request.method === 'GET' && attempt < TRIES && this.#breakers.isWorthRetrying(request) && budget.spend()
  }

  /** Has a place of the bulkhead, which the attempt leaves in the end. */
  #begin(request: UpstreamRequest): Attempt {
    try {
      const refusal = request.refusal?.() ?? null
      if (refusal !== null) throw refusal
      return new Attempt(request, this.#breakers, this.#bulkhead, this.#observer)
    } catch (error) {
      this.#bulkhead.leave()
      throw error
    }
  }
}

const failureOf = (error: unknown): Failure | null => (error instanceof RestcommError ? error.failure : null)

/** Whether the same request may be answered at the next moment. What the breaker refused will not be. */
const isPassing = (error: unknown): boolean =>
  error instanceof RestcommError && error.failure === 'unavailable' && error.retryAfter === null

/** A moment that grows with the attempt, and differs from caller to caller so that they do not come back together. */
const pause = (attempt: number, cancellation: Cancellation | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer)
      reject(cancellation?.reason)
    }
    const goOn = () => {
      cancellation?.delete(patience)
      resolve()
    }
    const timer = setTimeout(goOn, Math.random() * PAUSE_MS * 2 ** attempt)
    const patience = cancellation?.add(giveUp) ?? null
    if (cancellation?.isCancelled) giveUp()
  })
