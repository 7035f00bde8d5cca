import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import {
  LEASE_MS,
  type Member,
  type Membership,
  type PolledState,
  type ReplicaExchange,
  type StoredState,
} from '../live/replicaExchange.ts'
import { OutageLog } from '../observability/outageLog.ts'
import {
  type Change,
  MAX_CLOCK_LEAD_US,
  MAX_STATE_BYTES,
  MAX_UNSENT_CHANGES,
  type Message,
  parseChange,
  parseMessage,
} from './messages.ts'
import type { RedisConnection } from './redisConnection.ts'

/** Short, because followers notice an outage of Redis by a failed claim. */
const RENEW_INTERVAL_MS = 500
/** After a reconnect, watches read the missed states within this time, at random moments. */
const MAX_CATCH_UP_DELAY_MS = 1_000

interface Watch {
  readonly channel: string
  readonly leaseKey: string
  readonly stateKey: string
  readonly stateTtlMs: number
  readonly member: Member
  /** Latest Redis time known from the stored state and from messages. */
  time: number
  /** Whether the subscription is confirmed on the current connection. */
  isSubscribed: boolean
}

/** Leases, stored states and channels of the watches in Redis. See decision 11. */
export class RedisReplicaExchange extends EventEmitter<{ change: [readonly string[]] }> implements ReplicaExchange {
  readonly #replica = randomUUID()
  readonly #connection: RedisConnection
  /** By channel. */
  readonly #watches = new Map<string, Watch>()
  readonly #changeChannel: string
  readonly #unsentChanges = new Set<string>()
  /** Redis time of the last claim on the current connection. */
  #time = 0
  #connectedAt = 0
  readonly #outage: OutageLog
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(connection: RedisConnection) {
    super()
    this.#connection = connection
    this.#outage = new OutageLog(connection.log, {
      started: 'no reply from Redis, or writes rejected: each replica polls',
      ended: 'Redis accepts writes again: a single replica polls',
    })
    this.#changeChannel = connection.name('changes')
    connection.subscriber.on('message', (channel, text) => this.#receive(channel, text))
    connection.on('change', isReady => {
      if (isReady) void this.#onConnect()
      else this.#onDisconnect()
    })
    void this.#renew()
  }

  join(watchName: string, stateTtlMs: number, member: Member): Membership {
    const { name, commands } = this.#connection
    const channel = name('watch', watchName)
    const [leaseKey, stateKey] = [name('lease', watchName), name('state', watchName)]
    const watch: Watch = { channel, leaseKey, stateKey, stateTtlMs, member, time: 0, isSubscribed: false }
    this.#watches.set(channel, watch)
    void this.#claim([watch])
    return {
      time: () => Math.max(this.#time, watch.time),
      publish: polled => this.#publish(watch, polled),
      readStored: () => this.#readStored(watch),
      requestPoll: () => commands.requestPoll(stateKey, channel, stateTtlMs).catch(() => null),
      releaseLease: () => this.#release(watch),
      leave: () => this.#leave(watch),
    }
  }

  publishChange(resources: readonly string[]): void {
    const message = JSON.stringify({ from: this.#replica, resources } satisfies Change)
    this.#connection.commands.publish(this.#changeChannel, message).catch(() => {
      if (this.#unsentChanges.size >= MAX_UNSENT_CHANGES) return
      for (const resource of resources) this.#unsentChanges.add(resource)
    })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const watch of this.#watches.values()) this.#leave(watch)
  }

  #onDisconnect(): void {
    // The next connection may lead to a server with a different clock.
    this.#time = 0
    for (const watch of this.#watches.values()) watch.time = 0
  }

  async #onConnect(): Promise<void> {
    this.#connectedAt = performance.now()
    const watches = [...this.#watches.values()]
    // Not on disconnect: a subscription can be confirmed afterwards, on an old or a short connection.
    for (const watch of watches) watch.isSubscribed = false
    await this.#connection.subscriber.subscribe(this.#changeChannel).catch(() => undefined)
    // Before the claim, because a lease starts a poll, which must not use a response from before the lost changes.
    this.emit('change', [])
    const unsent = [...this.#unsentChanges]
    this.#unsentChanges.clear()
    if (unsent.length > 0) this.publishChange(unsent)
    await this.#renew()
    for (const { member } of watches) {
      setTimeout(() => member.onReconnect(), MAX_CATCH_UP_DELAY_MS * Math.random()).unref()
    }
  }

  /** Claims and renews the leases of all watches, again and again. */
  async #renew(): Promise<void> {
    const isAvailable = await this.#claim([...this.#watches.values()])
    if (isAvailable) this.#outage.end()
    else if (this.#connection.isReady) this.#outage.start({ watches: this.#watches.size })
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#renew(), RENEW_INTERVAL_MS * (0.9 + 0.2 * Math.random())).unref()
  }

  /** Returns false if Redis is unavailable or full. */
  async #claim(watches: readonly Watch[]): Promise<boolean> {
    try {
      // A replica without subscriptions must not follow. The change channel checks the connection of the subscriptions.
      const added = watches.filter(watch => !watch.isSubscribed)
      await this.#connection.subscriber.subscribe(this.#changeChannel, ...added.map(({ channel }) => channel))
      for (const watch of added) watch.isSubscribed = true
      const claimed = watches.filter(watch => watch.member.canLead && this.#isActive(watch))
      const leaseKeys = claimed.map(watch => watch.leaseKey)
      const reply = await this.#connection.commands.claimLeases(leaseKeys.length, ...leaseKeys, this.#replica, LEASE_MS)
      const [time = 0, ...held] = reply
      this.#time = time
      // The clock of Redis was set back so far that replicas reject the time.
      for (const watch of watches) if (watch.time > time + MAX_CLOCK_LEAD_US) watch.time = 0
      for (const [index, watch] of claimed.entries()) {
        const isHeld = held[index] === 1
        if (this.#isActive(watch)) watch.member.onLease(isHeld ? 'held' : 'heldByOther')
        else if (isHeld) this.#release(watch)
      }
      return true
    } catch {
      for (const { member } of watches) member.onLease('unavailable')
      return false
    }
  }

  async #publish(watch: Watch, polled: PolledState): Promise<number | 'rejected' | 'failed'> {
    const { startedAt, startedAfter, nextPollMs, state } = polled
    // `startedAfter` is a time of the previous connection.
    if (startedAt < this.#connectedAt) return 'rejected'
    const members = JSON.stringify({ startedAfter, nextPollMs, state }).slice(1, -1)
    if (Buffer.byteLength(members) > MAX_STATE_BYTES) return 'failed'
    try {
      const args = [this.#replica, LEASE_MS, watch.channel, startedAfter, watch.stateTtlMs, members]
      const version = await this.#connection.commands.publishState(watch.leaseKey, watch.stateKey, ...args)
      watch.time = Math.max(watch.time, version)
      return version === 0 ? 'rejected' : version
    } catch {
      return 'failed'
    }
  }

  async #readStored(watch: Watch): Promise<StoredState | null> {
    try {
      const [time, text] = await this.#connection.commands.readStoredState(watch.stateKey)
      watch.time = time
      const message = text === null ? null : this.#parse(watch, text, time)
      // A time of the future, from a clock that was set back, must not extend the time until the next poll.
      return message?.kind === 'state' ? { message, ageMs: Math.max(0, (time - message.startedAfter) / 1_000) } : null
    } catch {
      return null
    }
  }

  #release(watch: Watch): void {
    this.#connection.commands.releaseLease(watch.leaseKey, this.#replica, watch.channel).catch(() => undefined)
  }

  #isActive(watch: Watch): boolean {
    return this.#watches.get(watch.channel) === watch
  }

  #leave(watch: Watch): void {
    if (!this.#isActive(watch)) return
    this.#watches.delete(watch.channel)
    this.#release(watch)
    this.#connection.subscriber.unsubscribe(watch.channel).catch(() => undefined)
  }

  #receive(channel: string, text: string): void {
    if (channel === this.#changeChannel) {
      const change = parseChange(text)
      if (change === null) this.#connection.reportInvalid('change')
      else if (change.from !== this.#replica) this.emit('change', change.resources)
      return
    }
    const watch = this.#watches.get(channel)
    // Before the first claim on a connection, the time of Redis is unknown. The watch reads the stored state afterwards.
    if (watch === undefined || this.#time === 0) return
    const message = this.#parse(watch, text, Math.max(this.#time, watch.time))
    if (message?.kind === 'state') {
      watch.time = Math.max(watch.time, message.version)
      watch.member.onState(message)
    } else if (message?.kind === 'pollNow') {
      watch.time = Math.max(watch.time, message.time)
      watch.member.onPollNow()
    } else if (message !== null && message.from !== this.#replica) {
      void this.#claim([watch])
    }
  }

  #parse({ member, stateTtlMs }: Watch, text: string, time: number): Message | null {
    const acceptsState = (state: unknown) => member.acceptsState(state)
    const message = parseMessage(text, { time, maxNextPollMs: stateTtlMs, acceptsState })
    if (message === null) this.#connection.reportInvalid('message')
    return message
  }
}
