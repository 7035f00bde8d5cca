import type { Names } from './keys.ts'
import type { RedisConnection } from './redisConnection.ts'
import { within } from './withTimeout.ts'

/** How long Redis may take to confirm. Milliseconds. */
const TIMEOUT = 2_500

/**
 * What is known to be heard by the connection that there is. What was asked for by one before it, or while there was none,
 * may be lost: ioredis throws that away where Redis refuses the connection.
 */
export class Subscriptions<P extends { readonly name: string }> {
  readonly #connection: RedisConnection
  readonly #names: Names
  #heard = nothing<P>()

  constructor(connection: RedisConnection, names: Names) {
    this.#connection = connection
    this.#names = names
  }

  /** There is another connection. */
  forget(): void {
    this.#heard = nothing()
  }

  /** Resolves once nudges are heard. */
  async hearNudges(): Promise<void> {
    const heard = this.#heard
    if (heard.nudges) return
    await this.#subscribe([this.#names.nudges])
    heard.nudges = true
  }

  /** Resolves once it is heard what those say who watch the same. */
  async hear(places: readonly P[]): Promise<void> {
    const heard = this.#heard
    const missing = places.filter(place => !heard.places.has(place))
    if (missing.length === 0) return
    await this.#subscribe(missing.map(({ name }) => this.#names.channel(name)))
    for (const place of missing) heard.places.add(place)
  }

  #subscribe(channels: readonly string[]): Promise<void> {
    return within(TIMEOUT, this.#connection.listener.subscribe(...channels))
  }
}

const nothing = <P extends object>() => ({ nudges: false, places: new WeakSet<P>() })
