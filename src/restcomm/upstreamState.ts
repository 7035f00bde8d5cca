import { LRUCache } from 'lru-cache'
import { AcceptedCredentials } from './acceptedCredentials.ts'
import { MemoryCache, type MemoryCacheOptions, type SharedCache } from './cache/memoryCache.ts'
import { HttpClient, type HttpClientOptions } from './http/httpClient.ts'
import { type ResilienceOptions, ResilientHttp } from './http/resilientHttp.ts'
import { SingleFlight } from './http/singleFlight.ts'
import { MAX_TRIALS } from './http/upstreamBreakers.ts'
import { type Dialect, TotalVerificationPolicy } from './paging/envelope.ts'

interface UpstreamOptions extends HttpClientOptions, ResilienceOptions {
  /** If null, the dialect is detected. */
  readonly dialect: Dialect | null
  /** Maximum number of rows in a page of a connection. */
  readonly maxPageSize: number
  readonly cache: MemoryCacheOptions
  readonly sharedCache: SharedCache | null
  /** Whether several gateway processes use the same Restcomm. */
  readonly isShared: boolean
}

/** Large enough to read a whole list for sorting in few requests. */
const MIN_PAGE_ROWS = 1_000

/** Connections to a Restcomm server, and the state shared by the requests of all clients. */
export class UpstreamState {
  readonly http: ResilientHttp
  readonly cache: MemoryCache
  readonly acceptedCredentials = new AcceptedCredentials()
  readonly singleFlight = new SingleFlight<unknown>()
  readonly totalVerification: TotalVerificationPolicy
  /**
   * SIDs of the accounts of credentials with an e-mail address, by the hash of the credentials. Entries expire, because
   * an e-mail address can move to a different account.
   */
  readonly ownSids = new LRUCache<string, string>({ max: 1_000, ttl: 300_000 })
  /** Last known length of each list. May be outdated, so must be used for estimates only. */
  readonly lastListLengths = new LRUCache<string, number>({ max: 10_000 })
  /** Null if the dialect is neither configured nor observed yet. */
  dialect: Dialect | null
  /** Maximum number of rows in a page of Restcomm. */
  maxPageSize: number
  readonly #detectsDialect: boolean

  constructor(options: UpstreamOptions) {
    this.http = new ResilientHttp(
      new HttpClient({ ...options, connections: options.connections + MAX_TRIALS }),
      options,
    )
    this.cache = new MemoryCache(options.cache, options.sharedCache)
    this.totalVerification = new TotalVerificationPolicy(options.isShared)
    this.dialect = options.dialect
    this.#detectsDialect = options.dialect === null
    // A connection page needs two additional rows: the row of the cursor, and the row after the page. Upstream pages
    // start at multiples of the page size. A page of up to twice the needed rows covers the needed rows at any offset.
    this.maxPageSize = Math.max(MIN_PAGE_ROWS, 2 * (options.maxPageSize + 2))
  }

  /** Must be called after every change on the server, because cached lists and responses in flight may be outdated. */
  invalidate(): void {
    this.singleFlight.invalidate()
    this.cache.invalidateLists()
  }

  /** Has no effect if a dialect is configured. */
  observeDialect(dialect: Dialect): void {
    if (this.#detectsDialect) this.dialect = dialect
  }

  /** Restcomm Cloud caps the page size. Page numbers then count pages of the capped size. */
  lowerMaxPageSize(size: number): void {
    this.maxPageSize = Math.min(this.maxPageSize, Math.max(1, size))
  }
}
