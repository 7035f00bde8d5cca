import type { MemoryCacheOptions } from '../../../src/restcomm/cache/memoryCache.ts'
import { UpstreamState } from '../../../src/restcomm/upstreamState.ts'
import { NOOP_OBSERVER } from '../../support/noopObserver.ts'

const DISABLED_CACHE = { maxBytes: 0, immutableTtlMs: 1, listTtlMs: 0 }

/** State of a server to which no request is sent, with pages of up to 1,000 rows. */
export function createOfflineUpstream(cache: MemoryCacheOptions = DISABLED_CACHE): UpstreamState {
  return new UpstreamState({
    url: 'http://127.0.0.1:1/restcomm',
    connections: 1,
    timeoutMs: 1,
    maxBodyBytes: 1,
    maxQueued: 0,
    commandTimeoutMs: 1,
    probe: async () => null,
    observer: NOOP_OBSERVER,
    dialect: null,
    maxPageSize: 100,
    cache,
    sharedCache: null,
    isShared: false,
  })
}
