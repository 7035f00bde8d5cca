import type { SharedCache, SharedCacheEntry } from '../restcomm/cache/memoryCache.ts'
import { MAX_ROW_BYTES, parseRow } from './messages.ts'
import type { RedisConnection } from './redisConnection.ts'

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
    const read = this.#read(keys).catch(() => null)
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

  /** Uses one round trip. A row that expires between the commands has a negative lifetime, and counts as missing. */
  async #read(keys: readonly string[]): Promise<(SharedCacheEntry | null)[]> {
    const pipeline = this.#connection.commands.pipeline()
    // Reads one byte more than allowed, so that a row that is too long is invalid.
    for (const key of keys) pipeline.getrange(this.#redisKey(key), 0, MAX_ROW_BYTES).pttl(this.#redisKey(key))
    const replies = await pipeline.exec()
    if (replies === null) throw new Error('Redis did not answer.')
    return keys.map((key, i) => this.#entryOf(key, replies[2 * i]?.[1], replies[2 * i + 1]?.[1]))
  }

  /** An absent row has an empty text. A key with a value of another type has none. */
  #entryOf(key: string, text: unknown, ttlMs: unknown): SharedCacheEntry | null {
    if (text === '' || typeof ttlMs !== 'number' || ttlMs <= 0) return null
    const row = typeof text === 'string' ? parseRow(text, key.slice(key.indexOf(' ') + 1)) : null
    if (row === null) this.#connection.reportInvalid('row')
    return row && { row, ttlMs }
  }

  #flush(): void {
    const pipeline = this.#connection.commands.pipeline()
    for (const [key, { row, ttlMs }] of this.#pending) {
      const text = JSON.stringify(row)
      if (Buffer.byteLength(text) <= MAX_ROW_BYTES) pipeline.set(this.#redisKey(key), text, 'PX', ttlMs)
    }
    this.#pending.clear()
    pipeline.exec().catch(() => undefined)
  }

  #redisKey(key: string): string {
    return this.#connection.name('row', key)
  }
}
