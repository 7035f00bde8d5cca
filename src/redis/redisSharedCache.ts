import type { SharedCache, SharedCacheEntry } from '../restcomm/cache/sharedCache.ts'
import type { RedisConnection } from './redisConnection.ts'

/** How long a request waits to hear whether another replica has kept a row. Milliseconds. */
const READ_TIMEOUT = 50
/** How long nothing is asked after an answer did not come in time. Milliseconds. */
const PAUSE = 1_000
/** How many rows may wait to be written; past it they are not. */
const MAXIMUM_PENDING = 5_000

interface Pending {
  readonly text: string
  readonly lifeMs: number
}

/** Rows by name, each as long as it is told to live. */
export class RedisRows implements SharedCache {
  readonly #connection: RedisConnection
  #pending = new Map<string, Pending>()
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(connection: RedisConnection) {
    this.#connection = connection
  }

  async read(names: readonly string[]): Promise<readonly (SharedCacheEntry | null)[]> {
    const nothing = names.map(() => null)
    if (!this.#connection.isReady || performance.now() < this.#pausedUntil) return nothing
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>(resolve => {
      timer = setTimeout(() => resolve(null), READ_TIMEOUT)
    })
    const found = this.#found(names.map(name => this.#keyOf(name))).catch(() => null)
    const rows = await Promise.race([found, late])
    clearTimeout(timer)
    if (rows === null) this.#pausedUntil = performance.now() + PAUSE
    return rows ?? nothing
  }

  write(name: string, text: string, lifeMs: number): void {
    if (!this.#connection.isReady || this.#pending.size >= MAXIMUM_PENDING) return
    if (this.#pending.size === 0) setImmediate(() => this.#flush())
    this.#pending.set(name, { text, lifeMs })
  }

  /** In one round trip. What ends between its text and its life counts as having nothing left of it. */
  async #found(keys: readonly string[]): Promise<(SharedCacheEntry | null)[]> {
    const pipeline = this.#connection.commands.pipeline().mget(...keys)
    for (const key of keys) pipeline.pttl(key)
    const [[failure, texts] = [], ...lives] = (await pipeline.exec()) ?? []
    if (failure || !Array.isArray(texts)) throw failure ?? new Error('Redis does not answer.')
    return texts.map((text: unknown, i) => (typeof text === 'string' ? { text, ttlMs: Number(lives[i]?.[1]) } : null))
  }

  #flush(): void {
    const rows = this.#pending
    this.#pending = new Map()
    const pipeline = this.#connection.commands.pipeline()
    for (const [name, { text, lifeMs }] of rows) pipeline.set(this.#keyOf(name), text, 'PX', lifeMs)
    pipeline.exec().catch(() => undefined)
  }

  #keyOf(name: string): string {
    return `${this.#connection.prefix}row:${name}`
  }
}
