import { LRUCache } from 'lru-cache'

export interface MemoryCacheOptions {
  /** Maximum estimated size of all entries; 0 disables the cache. */
  readonly maxBytes: number
  /** Lifetime of immutable rows, for example conferences that are over. */
  readonly immutableTtlMs: number
  /** Lifetime of pages, complete lists and counts; 0 disables caching of lists. */
  readonly listTtlMs: number
}

export type CacheStats = MemoryCache['stats']

export interface SharedCacheEntry {
  readonly row: object
  /** Remaining lifetime. */
  readonly ttlMs: number
}

/** Cache shared by the replicas of the gateway. Never fails. An unavailable or late entry counts as missing. */
export interface SharedCache {
  /** Returns entries in the order of the keys, with null for a missing entry. */
  read(keys: readonly string[]): Promise<readonly (SharedCacheEntry | null)[]>
  /** Returns before the entry is written. */
  write(key: string, row: object, ttlMs: number): void
}

type CacheEntry = object | number

/** Measured heap size of an entry without strings. Includes the object, the map entry and the links of the LRU list. */
const ENTRY_OVERHEAD_BYTES = 100
const STRING_OVERHEAD_BYTES = 24

/** LRU cache of this process, bounded in bytes. Keys contain the credential hash, to separate the data of clients. */
export class MemoryCache {
  readonly shared: SharedCache | null
  readonly options: MemoryCacheOptions
  readonly cachesLists: boolean
  readonly #entries: LRUCache<string, CacheEntry>
  /**
   * Counts from the start of the process. `sharedHits` counts rows found in the cache shared by the replicas, `misses`
   * cache reads followed by an upstream request.
   */
  readonly counts = { hits: 0, sharedHits: 0, misses: 0 }
  /** Part of every list key. After an increment, lists under earlier keys are not found. */
  #listGeneration = 0

  constructor(options: MemoryCacheOptions, shared: SharedCache | null = null) {
    this.options = options
    this.cachesLists = options.maxBytes > 0 && options.listTtlMs > 0
    this.shared = options.maxBytes > 0 ? shared : null
    this.#entries = new LRUCache<string, CacheEntry>({
      // lru-cache requires a positive size. No entry fits into a single byte.
      maxSize: Math.max(1, options.maxBytes),
      sizeCalculation: (value, key) => ENTRY_OVERHEAD_BYTES + estimateStringBytes(key) + estimateBytes(value),
      ttl: options.immutableTtlMs,
    })
  }

  get stats() {
    return { ...this.counts, bytes: this.#entries.calculatedSize, entries: this.#entries.size }
  }

  get(key: string): CacheEntry | undefined {
    return this.#entries.get(key)
  }

  /**
   * Returns false without storing if the cache is disabled, or if the row is cached and more than half of the lifetime
   * remains, so that a row of a frequently read list is not stored at every read. Finding a row does not extend the
   * lifetime.
   */
  setRow(key: string, row: object): boolean {
    const { maxBytes, immutableTtlMs } = this.options
    if (maxBytes === 0 || this.#entries.getRemainingTTL(key) > immutableTtlMs / 2) return false
    this.#entries.set(key, row)
    return true
  }

  /** Stores a row from the shared cache for the row's remaining lifetime. */
  setSharedRow(key: string, row: object, remainingTtlMs: number): void {
    const ttl = Math.floor(Math.min(remainingTtlMs, this.options.immutableTtlMs))
    // An expired row is not stored, because lru-cache treats a `ttl` of 0 as no expiry.
    if (ttl > 0) this.#entries.set(key, row, { ttl })
  }

  /** Must be called before the read. If lists are invalidated during the read, the key is outdated and never read. */
  listKey(credentialHash: string, listId: string): string {
    return `${this.#listGeneration} ${credentialHash} ${listId}`
  }

  setList(key: string, value: CacheEntry): void {
    if (this.cachesLists) this.#entries.set(key, value, { ttl: this.options.listTtlMs })
  }

  /** Must be called after every change on the server, because any list may be affected. */
  invalidateLists(): void {
    this.#listGeneration++
  }
}

/** Estimates the heap size of a row, a page or a number. A test compares the estimate with the real heap. */
function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return 8 + estimateStringBytes(value)
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 16
  for (const member of Object.values(value)) bytes += estimateBytes(member)
  return bytes
}

function estimateStringBytes(text: string): number {
  return STRING_OVERHEAD_BYTES + text.length * (isLatin1(text) ? 1 : 2)
}

/** V8 stores a Latin-1 string with 1 byte per character, and all further strings with 2 bytes per character. */
function isLatin1(text: string): boolean {
  return !/[^\0-\xff]/.test(text)
}
