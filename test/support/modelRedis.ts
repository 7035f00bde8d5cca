import type { StateMessage } from '../../src/live/replicaExchange.ts'

interface StoredState {
  time: number
  message: StateMessage | null
}

/** Model of the scripts of `src/redis/scripts.ts` for one watch. */
export class ModelRedis {
  readonly #clock: () => number
  #lease: { holder: string; expiresAt: number } | null = null
  #stored: StoredState | null = null

  /** `clock` returns the time in microseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  claim(replica: string, ttlMs: number): { time: number; isHeld: boolean } {
    const isHeld = this.#holder === null || this.#holder === replica
    if (isHeld) this.#lease = { holder: replica, expiresAt: this.#clock() + 1_000 * ttlMs }
    return { time: this.#clock(), isHeld }
  }

  /** Returns null if the publication is rejected. */
  publish(replica: string, leaseMs: number, polled: Omit<StateMessage, 'kind' | 'version'>): StateMessage | null {
    const time = this.#stateTime
    const { startedAfter } = polled
    const storedVersion = this.#stored?.message?.version ?? 0
    if ((this.#holder ?? replica) !== replica || storedVersion > startedAfter || startedAfter > time) return null
    this.claim(replica, leaseMs)
    const message: StateMessage = { kind: 'state', version: time + 1, ...polled }
    this.#stored = { time: message.version, message }
    return message
  }

  readStored(): { time: number; message: StateMessage | null } {
    return { time: this.#stateTime, message: this.#stored?.message ?? null }
  }

  requestPoll(): { time: number } {
    const time = this.#stateTime + 1
    this.#stored = { time, message: this.#stored?.message ?? null }
    return { time }
  }

  /** Returns whether the replica held the lease, which is then free. */
  release(replica: string): boolean {
    if (this.#holder !== replica) return false
    this.#lease = null
    return true
  }

  flushAll(): void {
    this.#lease = null
    this.#stored = null
  }

  get #holder(): string | null {
    return this.#lease !== null && this.#lease.expiresAt > this.#clock() ? this.#lease.holder : null
  }

  get #stateTime(): number {
    return Math.max(this.#clock(), this.#stored?.time ?? 0)
  }
}
