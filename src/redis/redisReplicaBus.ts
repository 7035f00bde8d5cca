import { randomUUID } from 'node:crypto'
import { createRedisEventTarget } from '@graphql-yoga/redis-event-target'
import type { Attempt, Exchange, LastSeen, Member, Seat, ToldError, Version } from '../live/replication/replicaBus.ts'
import { Names } from './keys.ts'
import { Leases, type Place } from './leaderElection.ts'
import { type Message, messageOf, versionOf, versionText } from './message.ts'
import type { RedisConnection, RedisLog } from './redisConnection.ts'
import { Scripts } from './scripts.ts'

type Heard = CustomEvent<Message | null>

/** Subjects that are remembered until the others can be told what was done to them. */
const MAXIMUM_UNTOLD = 1_000

/** A watch of this replica's, and how it is told of it. */
interface Listening extends Place {
  readonly keepMs: number
  /** What was published last. */
  published: Version | null
  readonly listen: (event: Heard) => void
}

/** Replicas that share a Redis: of those that watch the same one looks, by a lease, and the others listen. */
export class RedisExchange implements Exchange {
  readonly #connection: RedisConnection
  readonly #scripts: Scripts
  readonly #id = randomUUID()
  readonly #names: Names
  readonly #leases: Leases<Listening>
  readonly #events: ReturnType<typeof createRedisEventTarget<Heard>>
  readonly #onNudge: ((subjects: readonly string[]) => void)[] = []
  /** What something was done to while the others could not be told. */
  readonly #untold = new Set<string>()

  constructor(connection: RedisConnection, log: RedisLog) {
    this.#connection = connection
    this.#names = new Names(connection.prefix)
    this.#scripts = new Scripts(connection.commands)
    this.#events = createRedisEventTarget<Heard>({
      publishClient: connection.commands,
      subscribeClient: connection.listener,
      // What does not parse must not fail where nobody catches it.
      serializer: { stringify: JSON.stringify, parse: messageOf },
    })
    this.#events.addEventListener(this.#names.nudges, ({ detail }) => {
      if (detail?.kind !== 'nudge' || detail.from === this.#id) return
      for (const tell of this.#onNudge) tell(detail.subjects)
    })
    this.#leases = new Leases(this.#id, connection, this.#scripts, this.#names, log, () => this.#catchUp())
  }

  join(name: string, keepMs: number, member: Member): Seat {
    const place: Listening = {
      name,
      member,
      keepMs,
      role: null,
      published: null,
      listen: ({ detail }) => this.#hear(place, detail),
    }
    this.#events.addEventListener(this.#names.channel(name), place.listen)
    void this.#leases.enter(place)
    return {
      publish: (version, text, isNew, answers) => void this.#publish(place, version, text, isNew, answers),
      publishError: error => void this.#publishError(place, error),
      sayAttempt: attempt => this.#say(name, { kind: 'attempt', from: this.#id, attempt }),
      ask: (question, atOnce) => this.#say(name, { kind: 'question', from: this.#id, question, atOnce }),
      lastSeen: () => this.#lastSeen(name),
      leave: () => this.#leave(place),
    }
  }

  nudge(subjects: readonly string[]): void {
    const message = JSON.stringify({ kind: 'nudge', from: this.#id, subjects } satisfies Message)
    this.#connection.commands.publish(this.#names.nudges, message).catch(() => {
      for (const subject of subjects) if (this.#untold.size < MAXIMUM_UNTOLD) this.#untold.add(subject)
    })
  }

  onNudge(listener: (subjects: readonly string[]) => void): void {
    this.#onNudge.push(listener)
  }

  /** Gives its leases back. */
  close(): void {
    this.#leases.close()
    for (const place of this.#leases.places) this.#leave(place)
  }

  /** Redis was away, be it for a moment. */
  #catchUp(): void {
    // What the others have done meanwhile was not heard.
    for (const tell of this.#onNudge) tell([])
    const untold = [...this.#untold]
    this.#untold.clear()
    if (untold.length > 0) this.nudge(untold)
  }

  #hear(place: Listening, message: Message | null): void {
    if (message === null || message.from === this.#id) return
    const { member, role } = place
    if (message.kind === 'news') member.hear(message.news)
    else if (message.kind === 'error') member.hearError(message.error)
    else if (message.kind === 'question') member.asked(message.question, message.atOnce)
    else if (message.kind === 'attempt') this.#hearAttempt(place, message.attempt, message.from)
    else if (message.kind === 'handed' && message.to === this.#id) this.#leases.assume(place, 'leads', message.term)
    else if (message.kind === 'vacant' && role === 'follows') this.#leases.claim(place)
  }

  #hearAttempt(place: Listening, attempt: Attempt, from: string): void {
    if (attempt !== 'can') place.member.hearAttempt(attempt)
    else if (place.role === 'leads' && place.member.isFailing) void this.#leases.handOver(place, from)
  }

  async #publish(
    place: Listening,
    version: Version,
    text: string,
    isNew: boolean,
    answers: readonly string[],
  ): Promise<void> {
    if (!this.#connection.isReady) return
    const { name, keepMs } = place
    place.published = version
    const say = (state: string) => {
      // The state is JSON already.
      const news = `{"version":${JSON.stringify(version)},"answers":${JSON.stringify(answers)}${state && `,"state":${state}`}}`
      const message = `{"kind":"news","from":"${this.#id}","news":${news}}`
      const publication = { channel: this.#names.channel(name), message, version: versionText(version), state, keepMs }
      return this.#scripts.publish([this.#names.lease(name), this.#names.seen(name)], this.#id, publication)
    }
    try {
      let outcome = await say(isNew ? text : '')
      // Where it was followed by another meanwhile, that one brings its state itself.
      if (outcome === 'notKept' && place.published === version) outcome = await say(text)
      // Another has taken over, or will: what this replica has seen in the meantime is its own.
      if (outcome === 'notHeld') this.#leases.assume(place, 'follows', 0)
    } catch {
      // The next beat finds out whether Redis is still there, and takes what is written.
    }
  }

  async #publishError(place: Listening, error: ToldError): Promise<void> {
    if (!this.#connection.isReady) return
    const { name } = place
    const message = JSON.stringify({ kind: 'error', from: this.#id, error } satisfies Message)
    try {
      const isTold = await this.#scripts.tell(this.#names.lease(name), this.#id, this.#names.channel(name), message)
      if (!isTold) this.#leases.assume(place, 'follows', 0)
    } catch {
      // Whoever cannot look says so again.
    }
  }

  async #lastSeen(name: string): Promise<LastSeen | null> {
    try {
      const [version, state, age] = (await this.#scripts.lastSeen(this.#names.seen(name))) ?? []
      const known = versionOf(version)
      if (known === null || typeof state !== 'string') return null
      return { version: known, state: JSON.parse(state), ageMs: Number(age) }
    } catch {
      return null
    }
  }

  #leave(place: Listening): void {
    if (this.#leases.leave(place)) this.#events.removeEventListener(this.#names.channel(place.name), place.listen)
  }

  #say(name: string, message: Message): void {
    if (this.#connection.isReady) this.#dispatch(this.#names.channel(name), message)
  }

  #dispatch(channel: string, detail: Message): void {
    this.#events.dispatchEvent(new CustomEvent(channel, { detail }))
  }
}
