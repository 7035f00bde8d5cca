import { type Call, type Conference, isCallOver, isConferenceOver } from '../../model.ts'
import { isCall, isConference } from '../../modelGuards.ts'
import type { Principal } from '../principal.ts'
import type { MemoryCache } from './memoryCache.ts'

interface RowKey {
  readonly accountSid: string
  readonly sid: string
}

type Reader = Pick<Principal, 'credentialHash' | 'accounts'>

/** A kind of row with terminal statuses. A row in a terminal status never changes again. */
export interface RowKind<T extends RowKey> {
  readonly isImmutable: (row: T) => boolean
  readonly isRow: (value: unknown) => value is T
}

export const CONFERENCE: RowKind<Conference> = { isImmutable: isConferenceOver, isRow: isConference }
export const CALL: RowKind<Call> = { isImmutable: isCallOver, isRow: isCall }

/** Caches conferences and calls that never change again. Must be created anew for every GraphQL request. */
export class ImmutableRowCache {
  readonly #cache: MemoryCache
  readonly #reader: Reader
  /** Keys that were missing in the shared cache and are not read again. Null if the shared cache is not used. */
  readonly #sharedMisses: Set<string> | null

  constructor(cache: MemoryCache, reader: Reader, usesSharedCache: boolean) {
    this.#cache = cache
    this.#reader = reader
    this.#sharedMisses = usesSharedCache && cache.shared !== null ? new Set() : null
  }

  /** Ignores a row that can change. The key contains `row.accountSid`, not the account of the list. */
  store<T extends RowKey>(kind: RowKind<T>, row: T): void {
    if (!this.#cache.isEnabled || !kind.isImmutable(row)) return
    const key = this.#cacheKey(row)
    if (!this.#cache.setRow(key, row)) return
    this.#cache.shared?.write(key, JSON.stringify(row), this.#cache.options.immutableTtlMs)
  }

  /** Returns rows in the order of the keys, with null for an uncached row. */
  async find<T extends RowKey>(kind: RowKind<T>, rowKeys: readonly RowKey[]): Promise<(T | null)[]> {
    const { accounts } = this.#reader
    // Cached rows need permission too. If an account is forbidden, the cache is skipped and the upstream read throws.
    const canUseCache = this.#cache.isEnabled && rowKeys.every(({ accountSid }) => accounts?.has(accountSid) !== false)
    if (!canUseCache) return rowKeys.map(() => null)
    const cacheKeys = rowKeys.map(rowKey => this.#cacheKey(rowKey))
    // The cast is safe, because the prefix of the SID in the key determines the kind of row.
    const found = cacheKeys.map(cacheKey => (this.#cache.getRow(cacheKey) as T | undefined) ?? null)
    this.#cache.count('hits', found.filter(row => row !== null).length)
    if (this.#sharedMisses !== null) await this.#readShared(kind, cacheKeys, rowKeys, found, this.#sharedMisses)
    return found
  }

  async #readShared<T extends RowKey>(
    kind: RowKind<T>,
    cacheKeys: readonly string[],
    rowKeys: readonly RowKey[],
    found: (T | null)[],
    sharedMisses: Set<string>,
  ): Promise<void> {
    const absent = cacheKeys.filter((cacheKey, i) => found[i] === null && !sharedMisses.has(cacheKey))
    if (absent.length === 0) return
    const entries = await this.#cache.shared?.read(absent)
    for (const [i, cacheKey] of absent.entries()) {
      const index = cacheKeys.indexOf(cacheKey)
      const [rowKey, entry] = [rowKeys[index], entries?.[i] ?? null]
      const row = rowKey === undefined || entry === null ? null : parseRow(kind, rowKey, entry.text)
      if (entry === null || row === null) {
        sharedMisses.add(cacheKey)
      } else {
        found[index] = row
        this.#cache.setSharedRow(cacheKey, row, entry.ttlMs)
        this.#cache.count('sharedHits')
      }
    }
  }

  #cacheKey({ accountSid, sid }: RowKey): string {
    return `${this.#reader.credentialHash} ${accountSid}/${sid}`
  }
}

/** Returns null for an invalid row. A replica with a different gateway version may have written `text`. */
function parseRow<T extends RowKey>(kind: RowKind<T>, rowKey: RowKey, text: string): T | null {
  try {
    const value: unknown = JSON.parse(text)
    const isExpectedRow = kind.isRow(value) && value.sid === rowKey.sid && value.accountSid === rowKey.accountSid
    return isExpectedRow && kind.isImmutable(value) ? value : null
  } catch {
    return null
  }
}
