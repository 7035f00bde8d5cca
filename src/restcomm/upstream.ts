import { LRUCache } from 'lru-cache'
import { AccountSids } from './cache/accountSidCache.ts'
import type { Dialect } from './paging/envelope.ts'
import { Flights } from './http/singleFlight.ts'
import type { ResilientHttp } from './http/resilientHttp.ts'
import { RowCache } from './cache/cache.ts'
import { EnvelopeTrust } from './paging/totalTrust.ts'

/** One Restcomm, and what its answers have shown of it so far. Rows are kept in `cache` only, each for whom it was read. */
export class Upstream {
  readonly http: ResilientHttp
  readonly cache: RowCache
  /** What is being read at this moment. */
  readonly flights = new Flights<unknown>()
  readonly trust: EnvelopeTrust
  readonly accountSids = new AccountSids()
  /** How long lists were when they were last read, by who read them and which. For planning only. */
  readonly listLengths = new LRUCache<string, number>({ max: 10_000 })
  readonly #fixedDialect: Dialect | null
  #seenDialect: Dialect | null = null
  #maximumPageSize: number

  /**
   * `dialect` is null where the server's answers are to show it; `maximumPageSize` is in rows. It `isShared` where other
   * processes of this gateway read from it as well.
   */
  constructor(
    http: ResilientHttp,
    dialect: Dialect | null,
    maximumPageSize: number,
    cache: RowCache = keepingNothing(),
    isShared = false,
  ) {
    this.http = http
    this.cache = cache
    this.trust = new EnvelopeTrust(isShared)
    this.#fixedDialect = dialect
    this.#maximumPageSize = maximumPageSize
  }

  /** Something was changed: lists that are kept, and answers that are under way, may show how it was before. */
  somethingWasDone(): void {
    this.flights.forget()
    this.cache.forgetLists()
  }

  /** Null while it was neither set nor seen. */
  get dialect(): Dialect | null {
    return this.#fixedDialect ?? this.#seenDialect
  }

  saw(dialect: Dialect): void {
    this.#seenDialect = dialect
  }

  get maximumPageSize(): number {
    return this.#maximumPageSize
  }

  /** The cloud shortens pages that it finds too large, and then counts them in its own size. */
  capPages(size: number): void {
    this.#maximumPageSize = Math.min(this.#maximumPageSize, Math.max(1, size))
  }
}

const keepingNothing = () => new RowCache({ maximumBytes: 0, finalMs: 1, listMs: 0 })
