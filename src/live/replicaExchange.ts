/** Lifetime of a lease that is not renewed. Also the delay after which an announced poll counts as overdue. */
export const LEASE_MS = 3_000

/** A polled state, sent by the leader. */
export interface StateMessage {
  readonly kind: 'state'
  /** Redis time of the publication in microseconds. Versions of a watch increase. */
  readonly version: number
  /** A Redis time before the poll began. A state is newer than each state with a version up to `startedAfter`. */
  readonly startedAfter: number
  readonly nextPollMs: number
  readonly state: unknown
}

/** `unavailable` means that Redis did not answer or rejected the claim. */
export type LeaseStatus = 'held' | 'heldByOther' | 'unavailable'

/** A watch of this replica, as seen by the exchange. */
export interface Member {
  /** False from a failed poll until the next state. */
  readonly canLead: boolean
  /** Whether the value is a state of the watch. States of replicas come from Redis, where other programs may write. */
  acceptsState(state: unknown): boolean
  /** Called after every claim, also if the status is unchanged. */
  onLease(status: LeaseStatus): void
  onState(message: StateMessage): void
  /** A replica needs a poll that begins now. Followers ignore the request. */
  onPollNow(): void
  /** Messages may have been lost. */
  onReconnect(): void
}

export interface PolledState extends Omit<StateMessage, 'kind' | 'version'> {
  /** Start of the poll, from `performance.now()`. */
  readonly startedAt: number
}

export interface StoredState {
  readonly message: StateMessage
  /** Time since `message.startedAfter`. */
  readonly ageMs: number
}

/** Access of a watch to the lease, the stored state and the channel of the watch. No method throws or rejects. */
export interface Membership {
  /** Latest Redis time known from the current connection, in microseconds. 0 if unknown. */
  time(): number
  /**
   * Returns the version. `rejected`: another replica holds the lease, or a state was published after the poll began.
   * `failed`: Redis is unavailable or full.
   */
  publish(polled: PolledState): Promise<number | 'rejected' | 'failed'>
  /** Null if Redis has no state or is unavailable. */
  readStored(): Promise<StoredState | null>
  /**
   * Asks the leader for a poll that begins now. Returns a Redis time: only later polls have a `startedAfter` of at least
   * the time. Null if Redis is unavailable.
   */
  requestPoll(): Promise<number | null>
  releaseLease(): void
  /** Ends the membership and releases the lease. */
  leave(): void
}

/** Exchange between replicas. Exists only with `REDIS_URL`. */
export interface ReplicaExchange {
  /** `name` identifies the watch and its credentials in all replicas. */
  join(name: string, stateTtlMs: number, member: Member): Membership
  /** Announces a change of the resources to the other replicas. */
  publishChange(resources: readonly string[]): void
  /** `listener` receives an empty list after a reconnect, because announced changes may have been lost. */
  on(event: 'change', listener: (resources: readonly string[]) => void): unknown
}
