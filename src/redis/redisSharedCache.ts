import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainableCommander } from 'ioredis'
import type { SharedCache, SharedCacheEntry } from '../restcomm/cache/memoryCache.ts'
import { parseJson, type RedisConnection } from './redisConnection.ts'

/** A request waits at most this time for a row from Redis. */
const READ_TIMEOUT_MS = 50
/** After a late reply, no reads for this time. */
const PAUSE_MS = 1_000

export class RedisSharedCache implements SharedCache {
  readonly #connection: RedisConnection
  /** Rows to be written after the responses of the current tick. */
  #writes: ChainableCommander | null = null
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(connection: RedisConnection) {
    this.#connection = connection
  }

  async read(keys: readonly string[]): Promise<readonly (SharedCacheEntry | null)[]> {
    const missing = keys.map(() => null)
    if (!this.#connection.isReady || performance.now() < this.#pausedUntil) return missing
    const read = this.#read(keys.map(key => this.#redisKey(key))).catch(() => null)
    const entries = await Promise.race([read, sleep(READ_TIMEOUT_MS, null, { ref: false })])
    if (entries === null) this.#pausedUntil = performance.now() + PAUSE_MS
    return entries ?? missing
  }

  write(key: string, row: object, ttlMs: number): void {
    if (!this.#connection.isReady) return
    if (this.#writes === null) setImmediate(() => this.#flush())
    this.#writes ??= this.#connection.commands.pipeline()
    this.#writes.set(this.#redisKey(key), JSON.stringify(row), 'PX', ttlMs)
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
    this.#writes?.exec().catch(() => undefined)
    this.#writes = null
  }

  #redisKey(key: string): string {
    return `${this.#connection.prefix}row:${key}`
  }
}
