import type { SharedCache, SharedCacheEntry } from '../restcomm/cache/memoryCache.ts'
import { parseJson, type RedisConnection } from './redisConnection.ts'

/** A request waits at most this time for a row from Redis. */
const READ_TIMEOUT_MS = 50
/** After a late reply, no reads for this time. */
const PAUSE_MS = 1_000

export class RedisSharedCache implements SharedCache {
  readonly #connection: RedisConnection
  /** Rows to be written after the responses of the current tick, by key. */
  readonly #pending = new Map<string, SharedCacheEntry>()
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(connection: RedisConnection) {
    this.#connection = connection
  }

  async read(keys: readonly string[]): Promise<readonly (SharedCacheEntry | null)[]> {
    const missing = keys.map(() => null)
    if (!this.#connection.isReady || performance.now() < this.#pausedUntil) return missing
    const read = this.#read(keys.map(key => this.#redisKey(key))).catch(() => null)
    const { promise: timeout, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(resolve, READ_TIMEOUT_MS, null)
    const entries = await Promise.race([read, timeout])
    clearTimeout(timer)
    if (entries === null) this.#pausedUntil = performance.now() + PAUSE_MS
    return entries ?? missing
  }

  write(key: string, row: object, ttlMs: number): void {
    if (!this.#connection.isReady) return
    if (this.#pending.size === 0) setImmediate(() => this.#flush())
    this.#pending.set(key, { row, ttlMs })
  }

  /** Uses one round trip. A row that expires between the commands has a negative lifetime. */
  async #read(keys: readonly string[]): Promise<(SharedCacheEntry | null)[]> {
    const pipeline = this.#connection.commands.pipeline().mget(...keys)
    for (const key of keys) pipeline.pttl(key)
    const [[error, texts] = [], ...ttls] = (await pipeline.exec()) ?? []
    if (error || !Array.isArray(texts)) throw error ?? new Error('Redis did not answer.')
    return texts.map((text: string | null, i) => {
      const row = parseJson<object>(text)
      return row && { row, ttlMs: Number(ttls[i]?.[1]) }
    })
  }

  #flush(): void {
    const pipeline = this.#connection.commands.pipeline()
    for (const [key, { row, ttlMs }] of this.#pending) {
      pipeline.set(this.#redisKey(key), JSON.stringify(row), 'PX', ttlMs)
    }
    this.#pending.clear()
    pipeline.exec().catch(() => undefined)
  }

  #redisKey(key: string): string {
    return this.#connection.name('row', key)
  }
}
