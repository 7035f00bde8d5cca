import type DataLoader from 'dataloader'

/**
 * A loader of rows by their keys that knows those which lists have brought. Most requests that read a list look none of
 * its rows up, and those that do have the row itself in hand: so the loader is told of them with the first key that is
 * not one of them.
 */
export class RowLoader<K extends object, V extends K> {
  readonly #loader: DataLoader<K, V | null, string>
  readonly #brought = new Set<K>()
  #untold: V[] = []

  constructor(loader: DataLoader<K, V | null, string>) {
    this.#loader = loader
  }

  bring(rows: readonly V[]): void {
    for (const row of rows) {
      this.#brought.add(row)
      this.#untold.push(row)
    }
  }

  load(key: K): Promise<V | null> {
    if (this.#brought.has(key)) return Promise.resolve(key as V)
    for (const row of this.#untold) this.#loader.prime(row, row)
    this.#untold = []
    return this.#loader.load(key)
  }

  clearAll(): void {
    this.#brought.clear()
    this.#untold = []
    this.#loader.clearAll()
  }
}
