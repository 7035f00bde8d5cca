import DataLoader from 'dataloader'

/**
 * Rows by their keys, each looked up once, and not at all where a list has brought it. Most requests that read a list look
 * none of its rows up, and those that do have the row itself in hand: so rows are named with the first key that is not one
 * of them.
 *
 * What was looked up is kept here and not by the loader, which makes two promises more for each further time that it is
 * asked for.
 */
export class RowLoader<K extends object, V extends K> {
  readonly #loader: DataLoader<K, V | null>
  readonly #nameOf: (key: K) => string
  readonly #brought = new Set<K>()
  readonly #known = new Map<string, Promise<V | null>>()
  #unnamed: V[] = []

  constructor(batch: DataLoader.BatchLoadFn<K, V | null>, nameOf: (key: K) => string) {
    this.#loader = new DataLoader(batch, { cache: false })
    this.#nameOf = nameOf
  }

  bring(rows: readonly V[]): void {
    for (const row of rows) {
      this.#brought.add(row)
      this.#unnamed.push(row)
    }
  }

  load(key: K): Promise<V | null> {
    if (this.#brought.has(key)) return Promise.resolve(key as V)
    for (const row of this.#unnamed) this.#keep(this.#nameOf(row), Promise.resolve(row))
    this.#unnamed = []
    const name = this.#nameOf(key)
    return this.#known.get(name) ?? this.#keep(name, this.#loader.load(key))
  }

  clearAll(): void {
    this.#brought.clear()
    this.#unnamed = []
    this.#known.clear()
  }

  /** The first that was known of a row stays. */
  #keep(name: string, row: Promise<V | null>): Promise<V | null> {
    const kept = this.#known.get(name) ?? row
    this.#known.set(name, kept)
    return kept
  }
}
