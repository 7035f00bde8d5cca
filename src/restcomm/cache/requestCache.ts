import { DecodingError } from '../errors.ts'
import type { Resource } from '../http/requestSpan.ts'
import type { Principal } from '../principal.ts'
import type { MemoryCache } from './memoryCache.ts'

export interface RowKey {
  readonly accountSid: string
  readonly sid: string
}

/** A kind of row with terminal statuses. A row in a terminal status never changes again. */
export interface RowKind<T extends RowKey> {
  readonly resource: Resource
  readonly path: (key: RowKey) => string
  readonly decode: (row: unknown) => T
  readonly isImmutable: (row: T) => boolean
}

/**
 * `bypass` is for polling: lists are not cached, the cache shared by the replicas is not read, and requests are not
 * shared with concurrent readers.
 */
export type CacheMode = 'use' | 'bypass'

/**
 * The response cache as seen by a principal: conferences and calls that never change again, and, for a short time,
 * lists. Must be created anew for every GraphQL request, because a mutation disables the lists of the instance.
 *
 * Pages and counts are cached instead of responses, because the trust in a response's envelope depends on concurrent
 * reads and is known only during the read.
 */
export class RequestCache {
  readonly #memory: MemoryCache
  readonly #reader: Pick<Principal, 'credentialHash' | 'accounts'>
  /** Keys that were missing in the shared cache and are not read again. Null if the shared cache is not used. */
  readonly #sharedMisses: Set<string> | null
  #usesLists: boolean

  constructor(memory: MemoryCache, reader: Pick<Principal, 'credentialHash' | 'accounts'>, mode: CacheMode) {
    this.#memory = memory
    this.#reader = reader
    this.#sharedMisses = mode === 'use' && memory.shared !== null ? new Set() : null
    this.#usesLists = mode === 'use' && memory.cachesLists
  }

  /**
   * Ignores a row that can change, and a row with errors, because a later response may be correct. The key contains
   * `row.accountSid`, not the account of the list.
   */
  storeRow<T extends RowKey>(kind: RowKind<T>, row: T | DecodingError): void {
    if (row instanceof DecodingError || !kind.isImmutable(row) || hasUnreadableValue(row)) return
    const key = this.#rowKey(row)
    if (!this.#memory.setRow(key, row)) return
    this.#memory.shared?.write(key, row, this.#memory.options.immutableTtlMs)
  }

  /** Returns rows in the order of the keys, with null for an uncached row. */
  async findRows<T extends RowKey>(keys: readonly RowKey[]): Promise<(T | null)[]> {
    const found = keys.map(key => {
      if (!this.#mayRead(key)) return null
      // The cast is safe, because the prefix of the SID in the key determines the kind of row.
      const row = (this.#memory.get(this.#rowKey(key)) as T | undefined) ?? null
      if (row !== null) this.#memory.counts.hits++
      return row
    })
    if (this.#sharedMisses !== null) await this.#readShared(keys, found, this.#sharedMisses)
    return found
  }

  /** Errors are not cached. `listId` must identify the list and the kind of result: page, count or all rows. */
  async readList<T extends object | number>(listId: string, load: () => Promise<T>): Promise<T> {
    if (!this.#usesLists) return load()
    const key = this.#memory.listKey(this.#reader.credentialHash, listId)
    const cached = this.#memory.get(key) as T | undefined
    this.#memory.counts[cached === undefined ? 'misses' : 'hits']++
    if (cached !== undefined) return cached
    const value = await load()
    this.#memory.setList(key, value)
    return value
  }

  /** Must be called before a command. Reads repeated until the change shows would otherwise find the first result. */
  disableLists(): void {
    this.#usesLists = false
  }

  invalidateLists(): void {
    this.#memory.invalidateLists()
  }

  /** Cached rows need permission too. A forbidden row counts as uncached, and the read from Restcomm throws. */
  #mayRead({ accountSid }: RowKey): boolean {
    return this.#reader.accounts?.has(accountSid) !== false
  }

  async #readShared<T extends RowKey>(keys: readonly RowKey[], found: (T | null)[], sharedMisses: Set<string>) {
    const absent = [...keys.entries()].filter(
      ([i, key]) => found[i] === null && this.#mayRead(key) && !sharedMisses.has(this.#rowKey(key)),
    )
    if (absent.length === 0) return
    const entries = await this.#memory.shared?.read(absent.map(([, key]) => this.#rowKey(key)))
    for (const [n, [i, key]] of absent.entries()) {
      const entry = entries?.[n] ?? null
      if (entry === null) {
        sharedMisses.add(this.#rowKey(key))
      } else {
        found[i] = entry.row as T
        this.#memory.setSharedRow(this.#rowKey(key), entry.row, entry.ttlMs)
        this.#memory.counts.sharedHits++
      }
    }
  }

  #rowKey({ accountSid, sid }: RowKey): string {
    return `${this.#reader.credentialHash} ${accountSid}/${sid}`
  }
}

function hasUnreadableValue(row: object): boolean {
  for (const value of Object.values(row)) if (value instanceof Error) return true
  return false
}
