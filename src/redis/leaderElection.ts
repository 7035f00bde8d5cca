import type { Member, Role } from '../live/replication/replicaBus.ts'
import { Subscriptions } from './channelSubscriptions.ts'
import type { Names } from './keys.ts'
import type { Message } from './message.ts'
import type { RedisConnection, RedisLog } from './redisConnection.ts'
import type { Scripts } from './scripts.ts'

/** How long a lease holds without being renewed. Milliseconds. */
const LEASE = 4_000
/** Between two renewals. Milliseconds. */
const BEAT = 1_000
/** How long Redis may fail until this replica goes on by itself. Milliseconds. */
const GRACE = 2_500
/** Leases in one command, so that it does not hold up others. */
const AT_ONCE = 500

/** A watch of this replica's. */
export interface Place {
  readonly name: string
  readonly member: Member
  /** Null until it is known whether another replica leads. */
  role: Role | null
}

/**
 * Who looks, of the replicas that share a Redis: each watch has a lease there, and who holds it leads. It is renewed every
 * second; a replica that dies loses it after four, and one of the others takes it.
 */
export class Leases<P extends Place> {
  /** Who this replica is, for the others. */
  readonly #id: string
  readonly #connection: RedisConnection
  readonly #scripts: Scripts
  readonly #names: Names
  readonly #log: RedisLog
  readonly #onListening: () => void
  readonly #subscriptions: Subscriptions<P>
  readonly #places = new Map<string, P>()
  #timer: NodeJS.Timeout | undefined
  #answeredAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  /** `onListening` is called each time that Redis is there, as soon as what is said there is heard. */
  constructor(
    id: string,
    connection: RedisConnection,
    scripts: Scripts,
    names: Names,
    log: RedisLog,
    onListening: () => void,
  ) {
    this.#id = id
    this.#connection = connection
    this.#scripts = scripts
    this.#names = names
    this.#log = log
    this.#onListening = onListening
    this.#subscriptions = new Subscriptions(connection, names)
    connection.onReady(() => void this.#begin())
    void this.#beat()
  }

  get places(): readonly P[] {
    return [...this.#places.values()]
  }

  /** Finds its role. Listens first, so that nothing that is said after that is missed. */
  async enter(place: P): Promise<void> {
    this.#places.set(place.name, place)
    try {
      if (!this.#connection.isReady) throw new Error('Redis is away.')
      await this.#subscriptions.hear([place])
      await this.#claim([place])
    } catch {
      if (place.role === null) this.assume(place, 'alone', 0)
    }
  }

  /** False where it was left already. */
  leave(place: P): boolean {
    if (this.#places.get(place.name) !== place) return false
    this.#places.delete(place.name)
    if (this.#connection.isReady) this.#release(place.name)
    return true
  }

  /** Whoever led has gone. */
  claim(place: P): void {
    this.#claim([place]).catch(() => undefined)
  }

  /** Lets another replica lead. To one that is gone by now, the lease is lost as its own would be. */
  async handOver(place: P, to: string): Promise<void> {
    const told = `{"kind":"handed","from":"${this.#id}","to":${JSON.stringify(to)},"term":`
    try {
      await this.#scripts.handOver(this.#names.lease(place.name), this.#id, to, LEASE, [
        this.#names.channel(place.name),
        told,
      ])
      // If the lease was not its own any more, it does not lead either.
      this.assume(place, 'follows', 0)
    } catch {
      // The next beat finds out whether Redis is still there.
    }
  }

  assume(place: P, role: Role, term: number): void {
    if (place.role === role || this.#places.get(place.name) !== place) return
    this.#log.debug({ from: place.role, to: role }, 'a watch has another part among the replicas')
    place.role = role
    place.member.assume(role, term)
  }

  /** Renews no more; what is left is given back. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** What was listened to before is listened to again before any role is found. */
  async #begin(): Promise<void> {
    this.#subscriptions.forget()
    await this.#subscriptions.hearNudges().catch(() => undefined)
    this.#onListening()
    const before = this.places.map(place => ({ place, role: place.role }))
    await this.#beat()
    // Whoever has got another role looks or asks for that reason.
    for (const { place, role } of before) if (role !== null && role === place.role) place.member.missed()
  }

  /**
   * Renews the leases that this replica has, and takes those that are free; of watches of which it hears what the others
   * say, and of no others.
   */
  async #beat(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#beat(), BEAT * (0.9 + 0.2 * Math.random()))
    this.#timer.unref()
    // Who has no role yet is about to find it.
    const places = this.places.filter(({ role }) => role !== null)
    try {
      if (!this.#connection.isReady) throw new Error('Redis is away.')
      await this.#subscriptions.hearNudges()
      for (let from = 0; from < places.length; from += AT_ONCE) {
        // What is left is not listened to any more.
        const some = places.slice(from, from + AT_ONCE).filter(place => this.#places.get(place.name) === place)
        await this.#subscriptions.hear(some)
        await this.#claim(some)
      }
      this.#answeredAt = performance.now()
    } catch {
      if (performance.now() - this.#answeredAt < GRACE) return
      if (places.some(({ role }) => role !== 'alone'))
        this.#log.warn({ watches: places.length }, 'each replica looks for itself: Redis does not answer, or refuses')
      for (const place of places) this.assume(place, 'alone', 0)
    }
  }

  async #claim(places: readonly P[]): Promise<void> {
    const leases = places.map(({ name }) => this.#names.lease(name))
    const asked = places.map(({ role }) => role)
    const held = await this.#scripts.claim(leases, this.#id, LEASE)
    for (const [i, place] of places.entries()) {
      const term = held[i] ?? 0
      // It may have been left in the meantime, and then nobody would renew its lease.
      if (term > 0 && !this.#places.has(place.name)) this.#release(place.name)
      // Where it has been handed over in the meantime, this is how it was before.
      if (place.role === asked[i]) this.assume(place, term > 0 ? 'leads' : 'follows', term)
    }
  }

  #release(name: string): void {
    const vacant = JSON.stringify({ kind: 'vacant', from: this.#id } satisfies Message)
    this.#scripts.release(this.#names.lease(name), this.#id, this.#names.channel(name), vacant).catch(() => undefined)
  }
}
