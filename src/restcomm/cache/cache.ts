import { LRUCache } from 'lru-cache'
import type { SharedRows } from './sharedCache.ts'

export interface RowCacheOptions {
  /** What all that is kept may take, roughly. Bytes; 0 keeps nothing. */
  readonly maximumBytes: number
  /** How long a row that cannot change is kept. Milliseconds. */
  readonly finalMs: number
  /** How long what was read of a list is kept; 0 for not at all. Milliseconds. */
  readonly listMs: number
}

/** What is counted of the cache, for whoever operates it. */
interface CacheFigures {
  /** Look-ups that were answered from this process. */
  readonly hits: number
  /** Look-ups that were answered by what another replica had kept. */
  readonly sharedHits: number
  /** Look-ups that went upstream. */
  readonly misses: number
  readonly bytes: number
  readonly entries: number
}

/** Anything of a list that is kept: a page, all rows, or how many there are. */
type Kept = object | number

/** What a kept row takes beside its texts: the object, the entry and its place in the order. Measured; bytes. */
const ENTRY_BYTES = 100
/** What a text takes beside its characters. Bytes. */
const TEXT_BYTES = 24

/**
 * What this process keeps of Restcomm's answers: rows that cannot change any more and, where that is wanted, lists for a
 * moment. Bounded in bytes; what was not asked for the longest goes first.
 *
 * Every name begins with a credential's, so that what was read with one is never found by another's.
 */
export class RowCache {
  readonly shared: SharedRows | null
  readonly options: RowCacheOptions
  readonly #kept: LRUCache<string, Kept> | null
  readonly #counts = { hits: 0, sharedHits: 0, misses: 0 }
  #lists = 0

  constructor(options: RowCacheOptions, shared: SharedRows | null = null) {
    this.options = options
    this.shared = options.maximumBytes > 0 ? shared : null
    this.#kept =
      options.maximumBytes > 0
        ? new LRUCache<string, Kept>({
            maxSize: options.maximumBytes,
            sizeCalculation: (value, name) => ENTRY_BYTES + textBytes(name) + bytesOf(value),
            ttl: options.finalMs,
          })
        : null
  }

  get figures(): CacheFigures {
    return { ...this.#counts, bytes: this.#kept?.calculatedSize ?? 0, entries: this.#kept?.size ?? 0 }
  }

  get keepsRows(): boolean {
    return this.#kept !== null
  }

  get keepsLists(): boolean {
    return this.#kept !== null && this.options.listMs > 0
  }

  row(name: string): object | undefined {
    return this.#kept?.get(name) as object | undefined
  }

  /** False where it was kept a short time ago; what is found keeps its time, so that it is asked for again in the end. */
  keepRow(name: string, row: object): boolean {
    if (this.#kept === null || this.#kept.getRemainingTTL(name) > this.options.finalMs / 2) return false
    this.#kept.set(name, row)
    return true
  }

  /** A row that another replica has read, and that is kept for no longer than there. */
  keepSharedRow(name: string, row: object, leftMs: number): void {
    const ttl = Math.floor(Math.min(leftMs, this.options.finalMs))
    // A life of 0 would be one without end.
    if (ttl > 0) this.#kept?.set(name, row, { ttl })
  }

  /**
   * Names what is kept of a list. Ask for it before the list is read: when lists are forgotten in between, what was read
   * before that is not found afterwards.
   */
  listName(credential: string, list: string): string {
    return `${this.#lists} ${credential} ${list}`
  }

  list(name: string): Kept | undefined {
    return this.keepsLists ? this.#kept?.get(name) : undefined
  }

  keepList(name: string, value: Kept): void {
    if (this.keepsLists) this.#kept?.set(name, value, { ttl: this.options.listMs })
  }

  /** Something has been done that may change any list. */
  forgetLists(): void {
    this.#lists++
  }

  counted(outcome: 'hits' | 'sharedHits' | 'misses', by = 1): void {
    this.#counts[outcome] += by
  }
}

/** An estimate of what a row, a page of rows or a number takes in memory; held against measurements by its test. */
const bytesOf = (value: unknown): number => {
  if (typeof value === 'string') return 8 + textBytes(value)
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 16
  for (const member of Object.values(value)) bytes += bytesOf(member)
  return bytes
}

const textBytes = (text: string): number => TEXT_BYTES + text.length * (isNarrow(text) ? 1 : 2)

/** One byte a character is enough for texts that have none beyond Latin-1. */
const isNarrow = (text: string): boolean => !/[^\0-\xff]/.test(text)
