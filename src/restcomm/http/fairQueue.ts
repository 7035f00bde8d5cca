import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'
import { RecentCallers } from '../recentCallers.ts'

/** Load shedding: a longer queue would answer most requests after the client has left. */
const MAX_QUEUE_MS = 5_000
const UNVERIFIED_SHARE = 1 / 8
const MAX_UNVERIFIED_WAITING = 2_000
/** With thousands of invented credentials, a fair turn would come after the deadline, and no valid client could start. */
const MAX_UNVERIFIED_QUEUE_MS = 2_000
const RETRY_AFTER_SECONDS = 1

interface Waiter {
  readonly start: () => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

/** Exists while a request of the caller is in flight or waiting. */
interface Caller {
  readonly id: string
  pool: Pool
  inFlight: number
  readonly waiting: Waiter[]
}

/** Callers that are served round robin, and their limits. */
interface Pool {
  readonly maxInFlight: number
  readonly maxWaiting: number
  inFlight: number
  waiting: number
  /** The callers with waiting requests. The first caller is served next. */
  readonly turns: Set<Caller>
}

/**
 * Semaphore with fair queuing: free slots are given to the callers in turn, and the requests of a caller keep their
 * order. Once a second caller was active within the last minute, a caller holds at most half of the slots.
 *
 * Clients can invent credentials, so all callers whose credentials Restcomm has not accepted yet share an eighth of the
 * slots, each holds at most one slot, and their requests wait for at most two seconds. If a pool has too many waiting
 * requests, the caller with the most waiting requests loses the newest.
 */
export class FairQueue {
  readonly #slots: number
  readonly #accepted: Pool
  readonly #unverified: Pool
  readonly #callers = new Map<string, Caller>()
  /** The pool that is served first by the next free slot. */
  #nextPool: Pool
  readonly #recentCallers = new RecentCallers()

  constructor(slots: number, maxWaiting: number) {
    this.#slots = slots
    this.#accepted = createPool(slots, maxWaiting)
    const maxUnverified = Math.max(1, Math.floor(slots * UNVERIFIED_SHARE))
    this.#unverified = createPool(maxUnverified, Math.min(maxWaiting, MAX_UNVERIFIED_WAITING))
    this.#nextPool = this.#unverified
  }

  get inFlight(): number {
    return this.#accepted.inFlight + this.#unverified.inFlight
  }

  get waiting(): number {
    return this.#accepted.waiting + this.#unverified.waiting
  }

  /** Age of the oldest waiting request; 0 without waiting requests. */
  get oldestWaitingMs(): number {
    const now = performance.now()
    let oldest = now
    for (const { waiting } of this.#callers.values()) oldest = Math.min(oldest, waiting[0]?.since ?? now)
    return now - oldest
  }

  /**
   * If the caller may start a request, takes a slot and returns null. Otherwise returns a promise that resolves with
   * a slot taken, and rejects if the queue is full or the request is cancelled. Every slot must be given back with
   * `release`.
   */
  acquire(id: string, isAccepted: boolean, cancellation?: CancellationToken): Promise<void> | null {
    const now = performance.now()
    if (isAccepted) this.#recentCallers.record(id)
    let caller = this.#callers.get(id)
    if (caller === undefined) {
      caller = { id, pool: isAccepted ? this.#accepted : this.#unverified, inFlight: 0, waiting: [] }
      this.#callers.set(id, caller)
    }
    if (caller.waiting.length > 0 || this.inFlight >= this.#slots || !this.#mayStart(caller)) {
      return this.#enqueue(caller, now, cancellation)
    }
    caller.inFlight++
    caller.pool.inFlight++
    return null
  }

  release(id: string): void {
    const caller = this.#callers.get(id)
    if (caller === undefined) return
    caller.inFlight--
    caller.pool.inFlight--
    this.#deleteIfIdle(caller)
    this.#startWaiting()
  }

  /** Must be called when Restcomm accepts the credentials of a caller. */
  accept(id: string): void {
    const caller = this.#callers.get(id)
    if (caller === undefined || caller.pool === this.#accepted) return
    const { inFlight, waiting } = caller
    this.#unverified.turns.delete(caller)
    this.#unverified.inFlight -= inFlight
    this.#unverified.waiting -= waiting.length
    caller.pool = this.#accepted
    this.#accepted.inFlight += inFlight
    this.#accepted.waiting += waiting.length
    if (waiting.length > 0) this.#accepted.turns.add(caller)
    this.#recentCallers.record(id)
    this.#startWaiting()
  }

  /** Must be called when Restcomm rejects credentials. Requests that wait with the same credentials would be rejected as well. */
  rejectUnverified(id: string, error: Error): void {
    const caller = this.#callers.get(id)
    if (caller?.pool !== this.#unverified) return
    for (const waiter of [...caller.waiting]) {
      this.#remove(caller, waiter)
      waiter.reject(error)
    }
  }

  #mayStart({ id, pool, inFlight }: Caller): boolean {
    if (pool === this.#unverified) return inFlight === 0 && pool.inFlight < pool.maxInFlight
    return inFlight < this.#slots / 2 || (inFlight < this.#slots && !this.#recentCallers.hasOthers(id))
  }

  #enqueue(caller: Caller, since: number, cancellation: CancellationToken | undefined): Promise<void> {
    const { waiting } = caller
    const hasSpace = since - (waiting[0]?.since ?? since) <= MAX_QUEUE_MS && this.#makeSpace(caller)
    if (!hasSpace || cancellation?.isCancelled) {
      this.#deleteIfIdle(caller)
      return Promise.reject(hasSpace ? cancellation?.reason : queueFull())
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { start: resolve, reject, since }
    const onCancel = () => {
      this.#remove(caller, waiter)
      reject(cancellation?.reason)
    }
    waiting.push(waiter)
    caller.pool.waiting++
    caller.pool.turns.add(caller)
    cancellation?.add(onCancel)
    return promise.finally(() => cancellation?.delete(onCancel))
  }

  /** Returns false if the pool is full and no caller has more waiting requests than `caller` would have. */
  #makeSpace(caller: Caller): boolean {
    const { pool } = caller
    if (pool.waiting < pool.maxWaiting) return true
    let longest = caller
    for (const candidate of pool.turns) if (candidate.waiting.length > longest.waiting.length) longest = candidate
    const victim = longest.waiting.length > caller.waiting.length + 1 ? longest.waiting.at(-1) : undefined
    if (victim === undefined) return false
    this.#remove(longest, victim)
    victim.reject(queueFull())
    return true
  }

  /** Starts waiting requests while slots are free. */
  #startWaiting(): void {
    if (this.waiting === 0) return
    this.#rejectLate()
    while (this.inFlight < this.#slots) {
      const other = this.#nextPool === this.#accepted ? this.#unverified : this.#accepted
      const caller = this.#findNext(this.#nextPool) ?? this.#findNext(other)
      const waiter = caller?.waiting[0]
      if (caller === undefined || waiter === undefined) return
      this.#nextPool = caller.pool === this.#accepted ? this.#unverified : this.#accepted
      caller.inFlight++
      caller.pool.inFlight++
      this.#remove(caller, waiter)
      // Moves the caller to the end.
      if (caller.pool.turns.delete(caller)) caller.pool.turns.add(caller)
      waiter.start()
    }
  }

  #findNext({ turns }: Pool): Caller | undefined {
    for (const caller of turns) if (this.#mayStart(caller)) return caller
    return undefined
  }

  #rejectLate(): void {
    const newestLate = performance.now() - MAX_UNVERIFIED_QUEUE_MS
    for (const caller of this.#unverified.turns) {
      const [waiter] = caller.waiting
      if (waiter === undefined || waiter.since >= newestLate) return
      this.#remove(caller, waiter)
      waiter.reject(queueFull())
    }
  }

  /** Has no effect if the request has started. */
  #remove(caller: Caller, waiter: Waiter): void {
    const { waiting, pool } = caller
    const index = waiting.indexOf(waiter)
    if (index < 0) return
    waiting.splice(index, 1)
    pool.waiting--
    if (waiting.length === 0) pool.turns.delete(caller)
    this.#deleteIfIdle(caller)
  }

  #deleteIfIdle({ id, inFlight, waiting }: Caller): void {
    if (inFlight === 0 && waiting.length === 0) this.#callers.delete(id)
  }
}

function createPool(maxInFlight: number, maxWaiting: number): Pool {
  return { maxInFlight, maxWaiting, inFlight: 0, waiting: 0, turns: new Set() }
}

function queueFull(): RestcommError {
  const message = 'The queue for requests to Restcomm is full; try again later.'
  return new RestcommError('overloaded', message, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
