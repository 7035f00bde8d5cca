import { LRUCache } from 'lru-cache'
import { AccountSidCache } from './cache/accountSidCache.ts'
import { MemoryCache } from './cache/memoryCache.ts'
import type { ResilientHttp } from './http/resilientHttp.ts'
import { SingleFlight } from './http/singleFlight.ts'
import type { Dialect } from './paging/envelope.ts'
import { TotalVerificationPolicy } from './paging/envelope.ts'

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
