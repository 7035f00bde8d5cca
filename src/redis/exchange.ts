import { randomUUID } from 'node:crypto'
import { createRedisEventTarget } from '@graphql-yoga/redis-event-target'
import type { Attempt, Exchange, LastSeen, Member, Role, Seat, Version } from '../live/exchange.ts'
import type { Connection, RedisLog } from './connection.ts'
import { type Message, messageOf, versionOf, versionText } from './message.ts'
import { Scripts } from './scripts.ts'

/** How long a lease holds without being renewed. Milliseconds. */
const LEASE = 4_000
/** Between two renewals. Milliseconds. */
const BEAT = 1_000
/** How long Redis may fail until this replica goes on by itself. Milliseconds. */
const GRACE = 2_500
/** Leases in one command, so that it does not hold up others. */
const AT_ONCE = 500

type Heard = CustomEvent<Message | null>

/** A watch of this replica's. */
interface Place {
  readonly name: string
  readonly member: Member
  readonly keepMs: number
  readonly listen: (event: Heard) => void
  /** Null until it is known whether another replica leads. */
  role: Role | null
}

/**
 * Replicas that share a Redis. Each watch has a lease there: who holds it looks, the others listen. It is renewed every
 * second; a replica that dies loses it after four, and one of the others takes it.
 */
export class RedisExchange implements Exchange {
  readonly #connection: Connection
  readonly #log: RedisLog
  readonly #scripts: Scripts
  readonly #id = randomUUID()
  readonly #nudges: string
  readonly #events: ReturnType<typeof createRedisEventTarget<Heard>>
  readonly #places = new Map<string, Place>()
  readonly #onNudge: ((subjects: readonly string[]) => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #answeredAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(connection: Connection, log: RedisLog) {
    this.#connection = connection
    this.#log = log
    this.#nudges = `${connection.prefix}nudges`
    this.#scripts = new Scripts(connection.commands)
    this.#events = createRedisEventTarget<Heard>({
      publishClient: connection.commands,
      subscribeClient: connection.listener,
      // What does not parse must not fail where nobody catches it.
      serializer: { stringify: JSON.stringify, parse: messageOf },
    })
    this.#events.addEventListener(this.#nudges, ({ detail }) => {
      if (detail?.kind !== 'nudge' || detail.from === this.#id) return
      for (const tell of this.#onNudge) tell(detail.subjects)
    })
    connection.onReady(() => void this.#begin())
    void this.#beat()
  }

  join(name: string, keepMs: number, member: Member): Seat {
    const place: Place = { name, member, keepMs, role: null, listen: ({ detail }) => this.#hear(place, detail) }
    this.#places.set(name, place)
    this.#events.addEventListener(this.#channelOf(name), place.listen)
    void this.#enter(place)
    return {
      publish: (version, text, isNew, answers) => void this.#publish(place, version, text, isNew, answers),
      publishError: error => this.#say(name, { kind: 'error', from: this.#id, error }),
      sayAttempt: attempt => this.#say(name, { kind: 'attempt', from: this.#id, attempt }),
      ask: (question, atOnce) => this.#say(name, { kind: 'question', from: this.#id, question, atOnce }),
      lastSeen: () => this.#lastSeen(name),
      leave: () => this.#leave(place),
    }
  }

  nudge(subjects: readonly string[]): void {
    if (this.#connection.isReady) this.#dispatch(this.#nudges, { kind: 'nudge', from: this.#id, subjects })
  }

  onNudge(listener: (subjects: readonly string[]) => void): void {
    this.#onNudge.push(listener)
  }

  /** Gives its leases back. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const place of [...this.#places.values()]) this.#leave(place)
  }

  /** Listens first, so that nothing that is said after it has found its role is missed. */
  async #enter(place: Place): Promise<void> {
    try {
      if (!this.#connection.isReady) throw new Error('Redis is away.')
      await within(GRACE, this.#connection.listener.subscribe(this.#channelOf(place.name)))
      await this.#claim([place])
    } catch {
      if (place.role === null) this.#assume(place, 'alone', 0)
    }
  }

  /** What was listened to before is listened to again before any role is found. */
  async #begin(): Promise<void> {
    await within(GRACE, this.#connection.listener.subscribe(this.#nudges)).catch(() => undefined)
    await this.#beat()
  }

  /** Renews the leases that this replica has, and takes those that are free. */
  async #beat(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#beat(), BEAT * (0.9 + 0.2 * Math.random()))
    this.#timer.unref()
    // Who has no role yet is about to find it.
    const places = [...this.#places.values()].filter(({ role }) => role !== null)
    try {
      if (!this.#connection.isReady) throw new Error('Redis is away.')
      for (let from = 0; from < places.length; from += AT_ONCE) await this.#claim(places.slice(from, from + AT_ONCE))
      this.#answeredAt = performance.now()
    } catch {
      if (performance.now() - this.#answeredAt < GRACE) return
      if (places.some(({ role }) => role !== 'alone'))
        this.#log.warn({ watches: places.length }, 'each replica looks for itself: Redis does not answer')
      for (const place of places) this.#assume(place, 'alone', 0)
    }
  }

  async #claim(places: readonly Place[]): Promise<void> {
    const leases = places.map(({ name }) => this.#leaseOf(name))
    const held = await this.#scripts.claim(leases, this.#id, LEASE)
    for (const [i, place] of places.entries()) {
      const term = held[i] ?? 0
      // It may have been left in the meantime, and then nobody would renew its lease.
      if (term > 0 && !this.#places.has(place.name)) this.#release(place.name)
      this.#assume(place, term > 0 ? 'leads' : 'follows', term)
    }
  }

  #assume(place: Place, role: Role, term: number): void {
    if (place.role === role || this.#places.get(place.name) !== place) return
    this.#log.debug({ from: place.role, to: role }, 'a watch has another part among the replicas')
    place.role = role
    place.member.assume(role, term)
  }

  #hear(place: Place, message: Message | null): void {
    if (message === null || message.from === this.#id) return
    const { member, role } = place
    if (message.kind === 'news') member.hear(message.news)
    else if (message.kind === 'error') member.hearError(message.error)
    else if (message.kind === 'question') member.asked(message.question, message.atOnce)
    else if (message.kind === 'attempt') this.#hearAttempt(place, message.attempt, message.from)
    else if (message.kind === 'handed' && message.to === this.#id) this.#assume(place, 'leads', message.term)
    else if (message.kind === 'vacant' && role === 'follows') void this.#claim([place]).catch(() => undefined)
  }

  #hearAttempt(place: Place, attempt: Attempt, from: string): void {
    if (attempt !== 'can') place.member.hearAttempt(attempt)
    else if (place.role === 'leads' && place.member.isFailing) void this.#handOver(place, from)
  }

  /** To a replica that is gone by now, the lease is lost as its own would be. */
  async #handOver(place: Place, to: string): Promise<void> {
    const told = `{"kind":"handed","from":"${this.#id}","to":${JSON.stringify(to)},"term":`
    try {
      await this.#scripts.handOver(this.#leaseOf(place.name), this.#id, to, LEASE, [this.#channelOf(place.name), told])
      // If the lease was not its own any more, it does not lead either.
      this.#assume(place, 'follows', 0)
    } catch {
      // The next beat finds out whether Redis is still there.
    }
  }

  async #publish(
    place: Place,
    version: Version,
    text: string,
    isNew: boolean,
    answers: readonly string[],
  ): Promise<void> {
    if (!this.#connection.isReady) return
    const { name, keepMs } = place
    const say = (state: string) => {
      // The state is JSON already.
      const news = `{"version":${JSON.stringify(version)},"answers":${JSON.stringify(answers)}${state && `,"state":${state}`}}`
      const message = `{"kind":"news","from":"${this.#id}","news":${news}}`
      const publication = { channel: this.#channelOf(name), message, version: versionText(version), state, keepMs }
      return this.#scripts.publish([this.#leaseOf(name), this.#seenOf(name)], this.#id, publication)
    }
    try {
      let outcome = await say(isNew ? text : '')
      if (outcome === 'notKept') outcome = await say(text)
      // Another has taken over, or will: what this replica has seen in the meantime is its own.
      if (outcome === 'notHeld') this.#assume(place, 'follows', 0)
    } catch {
      // The next beat finds out whether Redis is still there.
    }
  }

  async #lastSeen(name: string): Promise<LastSeen | null> {
    try {
      const [version, state, age] = (await this.#scripts.lastSeen(this.#seenOf(name))) ?? []
      const known = versionOf(version)
      if (known === null || typeof state !== 'string') return null
      return { version: known, state: JSON.parse(state), ageMs: Number(age) }
    } catch {
      return null
    }
  }

  #leave(place: Place): void {
    if (this.#places.get(place.name) !== place) return
    this.#places.delete(place.name)
    this.#events.removeEventListener(this.#channelOf(place.name), place.listen)
    if (this.#connection.isReady) this.#release(place.name)
  }

  #release(name: string): void {
    const vacant = JSON.stringify({ kind: 'vacant', from: this.#id } satisfies Message)
    this.#scripts.release(this.#leaseOf(name), this.#id, this.#channelOf(name), vacant).catch(() => undefined)
  }

  #leaseOf(name: string): string {
    return `${this.#connection.prefix}lease:${name}`
  }

  #seenOf(name: string): string {
    return `${this.#connection.prefix}seen:${name}`
  }

  #channelOf(name: string): string {
    return `${this.#connection.prefix}watch:${name}`
  }

  #say(name: string, message: Message): void {
    if (this.#connection.isReady) this.#dispatch(this.#channelOf(name), message)
  }

  #dispatch(channel: string, detail: Message): void {
    this.#events.dispatchEvent(new CustomEvent(channel, { detail }))
  }
}

const within = async (ms: number, answer: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer.')), ms)
  })
  try {
    await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
