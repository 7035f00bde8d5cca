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

  /** Must be called before a command. Reads repeated until the change shows would otherwise find the first result. */
  disable(): void {
    this.#isEnabled = false
  }

  invalidate(): void {
    this.#cache.invalidateLists()
  }
}
