import type { RowCache } from './cache.ts'

/**
 * What is kept of lists for a moment, where that is wanted, as one credential has seen them. Make one for each request.
 *
 * What is kept is what a read came to: a page after its envelope was judged by what was known at that moment, all
 * participants, a length. The answers that it came to it by are not: judged again later, an envelope would pass for one
 * that was read at another time, among other reads.
 */
export class KeptLists {
  readonly #cache: RowCache
  readonly #credential: string
  #isUsed: boolean

  constructor(cache: RowCache, credential: string, isUsed: boolean) {
    this.#cache = cache
    this.#credential = credential
    this.#isUsed = isUsed && cache.keepsLists
  }

  /** Failures are not kept. */
  read<T extends object | number>(what: string, read: () => Promise<T>): Promise<T> {
    return this.#isUsed ? this.#readOrKept(what, read) : read()
  }

  async #readOrKept<T extends object | number>(what: string, read: () => Promise<T>): Promise<T> {
    const name = this.#cache.listName(this.#credential, what)
    // A name is made of the read that it is for, so what is kept under it is of this type.
    const kept = this.#cache.list(name) as T | undefined
    this.#cache.counted(kept === undefined ? 'misses' : 'hits')
    if (kept !== undefined) return kept
    const value = await read()
    this.#cache.keepList(name, value)
    return value
  }

  /** Whoever has changed something looks until it shows, and so at the present from then on. */
  async changedBy(change: Promise<void>): Promise<void> {
    this.#isUsed = false
    this.#cache.forgetLists()
    try {
      await change
    } finally {
      this.#cache.forgetLists()
    }
  }

  forget(): void {
    this.#cache.forgetLists()
  }
}
