import DataLoader from 'dataloader'

/**
 * Loads rows by key. Primed rows are indexed lazily, because most requests never need the index. DataLoader's cache is
 * disabled, because DataLoader's cache creates two more promises per load.
 */
export class RowLoader<K extends object, V extends K> {
  readonly #loader: DataLoader<K, V | null>
  readonly #cacheKeyOf: (key: K) => string
  readonly #primed = new Set<K>()
  readonly #cache = new Map<string, Promise<V | null>>()
  #unindexed: V[] = []

  constructor(batch: DataLoader.BatchLoadFn<K, V | null>, cacheKeyOf: (key: K) => string) {
    this.#loader = new DataLoader(batch, { cache: false })
    this.#cacheKeyOf = cacheKeyOf
  }

  prime(rows: readonly V[]): void {
    for (const row of rows) {
      this.#primed.add(row)
      this.#unindexed.push(row)
    }
  }

  load(key: K): Promise<V | null> {
    if (this.#primed.has(key)) return Promise.resolve(key as V)
    for (const row of this.#unindexed) this.#cacheRow(this.#cacheKeyOf(row), Promise.resolve(row))
    this.#unindexed = []
    const cacheKey = this.#cacheKeyOf(key)
    return this.#cache.get(cacheKey) ?? this.#cacheRow(cacheKey, this.#loader.load(key))
  }

  clearAll(): void {
    this.#primed.clear()
    this.#unindexed = []
    this.#cache.clear()
  }

  #cacheRow(cacheKey: string, row: Promise<V | null>): Promise<V | null> {
    const cached = this.#cache.get(cacheKey) ?? row
    this.#cache.set(cacheKey, cached)
    return cached
  }
}
