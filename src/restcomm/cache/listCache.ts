import type { MemoryCache } from './memoryCache.ts'

/**
 * Short-lived cache of a principal's list reads. Must be created anew for every GraphQL request, because a mutation
 * disables the instance. Pages and counts are cached instead of responses, because the trust in a response's envelope
 * depends on concurrent reads and is known only during the read.
 */
export class ListCache {
  readonly #cache: MemoryCache
  readonly #credentialHash: string
  #isEnabled: boolean

  constructor(cache: MemoryCache, credentialHash: string, isEnabled: boolean) {
    this.#cache = cache
    this.#credentialHash = credentialHash
    this.#isEnabled = isEnabled && cache.cachesLists
  }

  /** Errors are not cached. `listId` must identify the list and the kind of result: page, count or all rows. */
  read<T extends object | number>(listId: string, load: () => Promise<T>): Promise<T> {
    return this.#isEnabled ? this.#readThrough(listId, load) : load()
  }

  async #readThrough<T extends object | number>(listId: string, load: () => Promise<T>): Promise<T> {
    const key = this.#cache.listKey(this.#credentialHash, listId)
    const cached = this.#cache.getList(key) as T | undefined
    this.#cache.count(cached === undefined ? 'misses' : 'hits')
    if (cached !== undefined) return cached
    const value = await load()
    this.#cache.setList(key, value)
    return value
  }

  /** Disables the cache for the rest of the GraphQL request, so that later reads see the effect of `change`. */
  async invalidateAround(change: Promise<void>): Promise<void> {
    this.#isEnabled = false
    this.#cache.invalidateLists()
    try {
      await change
    } finally {
      this.#cache.invalidateLists()
    }
  }

  invalidate(): void {
    this.#cache.invalidateLists()
  }
}
