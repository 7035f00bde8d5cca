import { LRUCache } from 'lru-cache'
import { AccountSidCache } from './cache/accountSidCache.ts'
import { MemoryCache, type MemoryCacheOptions } from './cache/memoryCache.ts'
import type { SharedCache } from './cache/sharedCache.ts'
import { createHttpClient, type HttpClientOptions } from './http/httpClient.ts'
import { type ResilienceOptions, ResilientHttp } from './http/resilientHttp.ts'
import { SingleFlight } from './http/singleFlight.ts'
import type { Dialect } from './paging/envelope.ts'
import { TotalVerificationPolicy } from './paging/envelope.ts'

interface UpstreamOptions extends HttpClientOptions, ResilienceOptions {
  readonly dialect: Dialect | null
  readonly maxPageSize: number
  readonly cache: MemoryCacheOptions
  readonly sharedCache: SharedCache | null
  /** Whether several gateway processes use the same Restcomm. */
  readonly isShared: boolean
}

/** Large enough to read a whole list for sorting in few requests. */
const MIN_PAGE_ROWS = 1_000

/**
 * A connection page needs two additional rows: the row of the cursor, and the row after the page. Upstream pages start
 * at multiples of the page size. A page of up to twice the needed rows covers the needed rows at any offset.
 */
export function createUpstream(options: UpstreamOptions): UpstreamState {
  return new UpstreamState(
    new ResilientHttp(createHttpClient(options), options),
    options.dialect,
    Math.max(MIN_PAGE_ROWS, 2 * (options.maxPageSize + 2)),
    new MemoryCache(options.cache, options.sharedCache),
    options.isShared,
  )
}

/** Connections to a Restcomm server, and the state shared by the requests of all clients. */
export class UpstreamState {
  readonly http: ResilientHttp
  readonly cache: MemoryCache
  readonly singleFlight = new SingleFlight<unknown>()
  readonly totalVerification: TotalVerificationPolicy
  readonly accountSidCache = new AccountSidCache()
  /** Last known length of each list. May be outdated, so must be used for estimates only. */
  readonly lastListLengths = new LRUCache<string, number>({ max: 10_000 })
  readonly #configuredDialect: Dialect | null
  #observedDialect: Dialect | null = null
  #maxPageSize: number

  /** If `dialect` is null, the dialect is detected. If several processes use the server, `isShared` must be true. */
  constructor(
    http: ResilientHttp,
    dialect: Dialect | null,
    maxPageSize: number,
    cache: MemoryCache = noCache(),
    isShared = false,
  ) {
    this.http = http
    this.cache = cache
    this.totalVerification = new TotalVerificationPolicy(isShared)
    this.#configuredDialect = dialect
    this.#maxPageSize = maxPageSize
  }

  /** Must be called after every change on the server, because cached lists and responses in flight may be outdated. */
  invalidate(): void {
    this.singleFlight.invalidate()
    this.cache.invalidateLists()
  }

  /** Returns null if the dialect is neither configured nor observed yet. */
  get dialect(): Dialect | null {
    return this.#configuredDialect ?? this.#observedDialect
  }

  observeDialect(dialect: Dialect): void {
    this.#observedDialect = dialect
  }

  get maxPageSize(): number {
    return this.#maxPageSize
  }

  /** Restcomm Cloud caps the page size. Page numbers then count pages of the capped size. */
  lowerMaxPageSize(size: number): void {
    this.#maxPageSize = Math.min(this.#maxPageSize, Math.max(1, size))
  }
}

function noCache(): MemoryCache {
  return new MemoryCache({ maxBytes: 0, immutableTtlMs: 1, listTtlMs: 0 })
}
