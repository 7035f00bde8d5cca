import { Counter, Gauge, type Registry } from 'prom-client'
import type { BreakerState } from '../../restcomm/http/observer.ts'

/** What is read at the moment that Prometheus asks. */
export interface Figures {
  readonly watches: number
  readonly subscribers: number
  readonly inFlight: number
  readonly waiting: number
  readonly breaker: BreakerState
  readonly cache: CacheFigures
}

/** Counts are since the process began. */
interface CacheFigures {
  readonly hits: number
  readonly sharedHits: number
  readonly misses: number
  readonly bytes: number
  readonly entries: number
}

const BREAKER_STATES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 }

const GAUGES: readonly { readonly name: string; readonly help: string; readonly of: (figures: Figures) => number }[] = [
  { name: 'processes', help: 'Processes that serve: as many as WORKERS, unless one has just ended.', of: () => 1 },
  {
    name: 'watches',
    help: 'Conferences and accounts that are watched, each by one poll loop.',
    of: ({ watches }) => watches,
  },
  { name: 'subscribers', help: 'Subscriptions that are fed by watches.', of: ({ subscribers }) => subscribers },
  { name: 'upstream_in_flight', help: 'Requests to Restcomm that are under way.', of: ({ inFlight }) => inFlight },
  { name: 'upstream_waiting', help: 'Requests to Restcomm that wait for a connection.', of: ({ waiting }) => waiting },
  {
    name: 'upstream_breaker_state',
    help: 'The circuit breaker: 0 closed (requests go through), 1 half-open (one goes, to see), 2 open (none does).',
    of: ({ breaker }) => BREAKER_STATES[breaker],
  },
  {
    name: 'cache_bytes',
    help: 'What is kept in this process takes so many bytes, roughly.',
    of: ({ cache }) => cache.bytes,
  },
  { name: 'cache_entries', help: 'Rows and lists that are kept in this process.', of: ({ cache }) => cache.entries },
]

export const readFigures = (registry: Registry, figures: () => Figures): void => {
  const registers = [registry]
  for (const { name, help, of } of GAUGES) {
    new Gauge({
      name: `restcomm_graphql_${name}`,
      help,
      registers,
      collect() {
        this.set(of(figures()))
      },
    })
  }
  new Counter({
    name: 'restcomm_graphql_cache_lookups_total',
    help: 'Look-ups in what is kept: found in this process (hit), kept by another replica (shared_hit), or not found (miss).',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { hits, sharedHits, misses } = figures().cache
      this.reset()
      this.inc({ outcome: 'hit' }, hits)
      this.inc({ outcome: 'shared_hit' }, sharedHits)
      this.inc({ outcome: 'miss' }, misses)
    },
  })
}
