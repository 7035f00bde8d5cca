import { Counter, Gauge, type Registry } from 'prom-client'
import type { CacheStats } from '../../restcomm/cache/memoryCache.ts'
import type { BreakerState } from '../../restcomm/http/upstreamObserver.ts'

export interface GaugeValues {
  readonly watches: number
  readonly subscribers: number
  readonly inFlight: number
  readonly queued: number
  readonly breaker: BreakerState
  readonly cache: CacheStats
}

const BREAKER_STATES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 }

const GAUGES: readonly {
  readonly name: string
  readonly help: string
  readonly read: (values: GaugeValues) => number
}[] = [
  { name: 'processes', help: 'Serving processes: equal to WORKERS, unless a worker has just ended.', read: () => 1 },
  {
    name: 'watches',
    help: 'Poll loops: conferences and accounts with subscribers.',
    read: ({ watches }) => watches,
  },
  { name: 'subscribers', help: 'Active subscriptions.', read: ({ subscribers }) => subscribers },
  { name: 'upstream_in_flight', help: 'Active requests to Restcomm.', read: ({ inFlight }) => inFlight },
  {
    name: 'upstream_waiting',
    help: 'Requests to Restcomm waiting for a connection.',
    read: ({ queued }) => queued,
  },
  {
    name: 'upstream_breaker_state',
    help: 'State of the circuit breaker: 0 closed, 1 half-open (a single trial request), 2 open (no requests).',
    read: ({ breaker }) => BREAKER_STATES[breaker],
  },
  {
    name: 'cache_bytes',
    help: 'Estimated size of the cache of the process.',
    read: ({ cache }) => cache.bytes,
  },
  { name: 'cache_entries', help: 'Cached rows and lists of the process.', read: ({ cache }) => cache.entries },
]

export function registerGauges(registry: Registry, readValues: () => GaugeValues): void {
  const registers = [registry]
  for (const { name, help, read } of GAUGES) {
    new Gauge({
      name: `restcomm_graphql_${name}`,
      help,
      registers,
      collect() {
        this.set(read(readValues()))
      },
    })
  }
  new Counter({
    name: 'restcomm_graphql_cache_lookups_total',
    help: 'Cache lookups by outcome: hit, shared_hit (found in Redis) or miss.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { hits, sharedHits, misses } = readValues().cache
      this.reset()
      this.inc({ outcome: 'hit' }, hits)
      this.inc({ outcome: 'shared_hit' }, sharedHits)
      this.inc({ outcome: 'miss' }, misses)
    },
  })
}
