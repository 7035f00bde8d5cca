import { Poller, type PollOutcome } from './poller.ts'
import { isPermanentError, isRefusal, type PollSource } from './pollSource.ts'
import {
  LEASE_MS,
  type LeaseStatus,
  type Member,
  type Membership,
  type PolledState,
  type StateMessage,
} from './replicaExchange.ts'

/** Receives the states and errors of a poll loop. The loop runs in this replica or in the leading replica. */
export interface PollListener<S> {
  /** Returns true if the new state causes events. `before` is null for the first state. */
  onState(state: S, before: S | null): boolean
  /** After a permanent error no further poll follows. */
  onError(error: Error, isPermanent: boolean): void
}

type ReplicatedSource<S> = Pick<PollSource<S, never>, 'poll' | 'complete' | 'accepts' | 'isFinished'>

/** Time until a follower polls on its own if the leader does not answer a request for a poll. */
const POLL_NOW_TIMEOUT_MS = 1_000

/** Polls a resource and publishes the states, or applies the states of the leading replica. See decision 11. */
export class ReplicatedPoller<S> implements Member {
  readonly #source: ReplicatedSource<S>
  readonly #listener: PollListener<S>
  readonly #intervalMs: number
  readonly #poller: Poller
  /** Null without other replicas. */
  readonly #membership: Membership | null
  /** Null before the first state. */
  state: S | null = null
  canLead = true
  #role: 'joining' | 'leading' | 'following' | 'alone' | 'stopped' = 'joining'
  /**
   * A received state is newer than the own state if `startedAfter` is at least this Redis time. Infinity after an own
   * poll, until a time after the poll is known.
   */
  #minStartedAfter = 0
  /** Start of the last poll in this replica, or arrival of the last received state. */
  #polledAt = Number.NEGATIVE_INFINITY
  /** Resolves after the next poll or received state. Null if no subscriber waits. */
  #refreshed: PromiseWithResolvers<void> | null = null
  #overdueTimer: NodeJS.Timeout | undefined
  /** Applies the received messages in order. */
  #receiving: Promise<void> = Promise.resolve()

  /** `intervalMs` is the delay between polls while the resource changes. `join` is null without other replicas. */
  constructor(
    source: ReplicatedSource<S>,
    listener: PollListener<S>,
    intervalMs: number,
    join: ((member: Member) => Membership) | null,
  ) {
    this.#source = source
    this.#listener = listener
    this.#intervalMs = intervalMs
    this.#poller = new Poller(() => this.#poll(), intervalMs)
    this.#membership = join?.(this) ?? null
    if (this.#membership === null) this.#pollAlone()
  }

  /** Must be called after a change of the resource. Followers wait for the leader, which is called as well. */
  pollNow(): void {
    if (this.#role === 'leading' || this.#role === 'alone') this.#poller.pollNow()
  }

  /** If the last poll is older than an interval, waits for a poll. Concurrent calls share the poll. */
  async refresh(): Promise<void> {
    if (this.#role === 'stopped' || performance.now() - this.#polledAt <= this.#intervalMs) return
    if (this.#refreshed === null) {
      this.#refreshed = Promise.withResolvers()
      if (this.#role === 'following') this.#follow()
      else this.pollNow()
    }
    await this.#refreshed.promise
  }

  stop(): void {
    if (this.#role === 'stopped') return
    this.#role = 'stopped'
    clearTimeout(this.#overdueTimer)
    this.#poller.pause()
    this.#membership?.leave()
    this.#resolveRefreshes()
  }

  onLease(status: LeaseStatus): void {
    const role = this.#role
    if (status === 'unavailable') {
      if (role === 'leading') this.#releaseLease()
      else this.#pollAlone()
    } else if (status === 'held') {
      // The lease may have been released after the claim was sent.
      if (role === 'leading' || role === 'stopped' || !this.canLead) return
      this.#role = 'leading'
      clearTimeout(this.#overdueTimer)
      if (role !== 'alone') this.#poller.pollNow()
    } else if (role === 'leading' || role === 'joining') {
      this.#follow()
    }
  }

  acceptsState(state: unknown): boolean {
    return this.#source.accepts(state)
  }

  onPollNow(): void {
    if (this.#role === 'leading') this.#poller.pollNow()
  }

  onReconnect(): void {
    if (this.#role === 'following') this.#follow()
    else this.onPollNow()
  }

  onState(message: StateMessage): void {
    this.#receiving = this.#receiving.then(() => this.#receiveState(message))
  }

  #pollAlone(): void {
    if (this.#role === 'stopped' || this.#role === 'alone') return
    this.#role = 'alone'
    clearTimeout(this.#overdueTimer)
    this.#poller.pollNow()
  }

  /** Pauses own polls, and applies the stored state; if the state is missing or old, asks the leader for a poll. */
  #follow(): void {
    this.#awaitLeader(0)
    void this.#applyStored(() => {
      this.#expectState(POLL_NOW_TIMEOUT_MS)
      void this.#requestPoll()
    })
  }

  async #requestPoll(): Promise<void> {
    const before = this.state
    const time = await this.#membership?.requestPoll()
    const isOwnState = this.#minStartedAfter === Number.POSITIVE_INFINITY && this.state === before
    if (time && isOwnState) this.#minStartedAfter = time
  }

  /** Polls on its own if no state is applied within the time and the stored state is old. */
  #expectState(timeoutMs: number): void {
    clearTimeout(this.#overdueTimer)
    this.#overdueTimer = setTimeout(() => {
      // `#applyStored` may end without a new timer, if an own poll ends meanwhile.
      this.#expectState(LEASE_MS)
      void this.#applyStored(() => this.#pollAlone())
    }, timeoutMs)
  }

  /** Applies the stored state. Calls `onOld` if the state of this follower is still old. */
  async #applyStored(onOld: () => void): Promise<void> {
    const before = this.state
    const stored = await this.#membership?.readStored()
    if (stored && this.#role === 'following' && this.state === before) {
      const { message, ageMs } = stored
      const overdueMs = message.nextPollMs + LEASE_MS
      const isAwaited = before === null || this.#refreshed !== null
      if (ageMs <= (isAwaited ? this.#intervalMs : overdueMs)) {
        if (message.version === this.#minStartedAfter) return this.#expectState(overdueMs - ageMs)
        this.onState(message)
        await this.#receiving
      }
    }
    if (this.#role === 'following' && this.state === before) onOld()
  }

  async #receiveState({ version, startedAfter, nextPollMs, state: received }: StateMessage): Promise<void> {
    if (this.#ignoresStates) return
    if (startedAfter < this.#minStartedAfter) {
      const isOld = Number.isFinite(this.#minStartedAfter) && version <= this.#minStartedAfter
      if (isOld) return
      // The state may be older than the own state, but shows that another replica polls.
      if (this.#role !== 'following') this.#awaitLeader(nextPollMs)
      return this.#requestPoll()
    }
    // A program that writes to Redis can forge an end, so an own poll confirms the end before the streams complete.
    // The exchange has checked the state with `acceptsState`.
    if (this.#source.isFinished(received as S)) return this.#pollAlone()
    const before = this.state
    const state = await this.#source.complete(before, received as S)
    // A poll of this replica may have ended during `complete`.
    if (this.#ignoresStates || this.state !== before) return
    this.#minStartedAfter = version
    this.#polledAt = performance.now()
    this.#awaitLeader(nextPollMs)
    this.#apply(state)
  }

  get #ignoresStates(): boolean {
    return this.#role === 'leading' || this.#role === 'stopped'
  }

  #awaitLeader(nextPollMs: number): void {
    this.#role = 'following'
    this.#poller.pause()
    this.#expectState(nextPollMs + LEASE_MS)
  }

  async #poll(): Promise<PollOutcome> {
    const startedAt = performance.now()
    const startedAfter = this.#membership?.time() ?? 0
    const before = this.state
    let state: S
    try {
      state = await this.#readState(before)
    } catch (error) {
      this.#handleFailure(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    }
    // A state received during the poll is newer.
    if (this.#role === 'stopped' || this.state !== before) return 'unchanged'
    this.#polledAt = startedAt
    this.#minStartedAfter = Number.POSITIVE_INFINITY
    const outcome = this.#apply(state) ? 'changed' : 'unchanged'
    const nextPollMs = Math.round(this.#poller.delayAfterMs(outcome))
    await this.#publish({ startedAt, startedAfter, nextPollMs, state })
    return outcome
  }

  /** Repeats a refused poll once, because a refusal is a permanent error. The result of the repeated poll counts. */
  async #readState(before: S | null): Promise<S> {
    try {
      return await this.#source.poll(before)
    } catch (error) {
      if (!isRefusal(error)) throw error
      return this.#source.poll(before)
    }
  }

  #apply(state: S): boolean {
    const before = this.state
    this.state = state
    this.canLead = true
    const isChanged = this.#listener.onState(state, before)
    this.#resolveRefreshes()
    return isChanged
  }

  async #publish(polled: PolledState): Promise<void> {
    if (this.#role !== 'leading') return
    const result = await this.#membership?.publish(polled)
    if (typeof result === 'number') {
      if (this.state === polled.state) this.#minStartedAfter = result
    } else if (this.#role === 'leading') {
      if (result === 'rejected') this.#follow()
      else this.#releaseLease()
    }
  }

  #handleFailure(error: Error): void {
    // A follower relies on the polls of the leader.
    if (this.#role === 'stopped' || this.#role === 'following') return
    this.canLead = false
    if (this.#role === 'leading') this.#releaseLease()
    this.#listener.onError(error, isPermanentError(error, this.state !== null))
    this.#resolveRefreshes()
  }

  /** Another replica may be able to poll or to publish. */
  #releaseLease(): void {
    this.#role = 'alone'
    this.#membership?.releaseLease()
  }

  #resolveRefreshes(): void {
    this.#refreshed?.resolve()
    this.#refreshed = null
  }
}
