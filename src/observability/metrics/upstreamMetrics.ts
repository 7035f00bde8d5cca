import { Counter, Histogram, type Registry } from 'prom-client'
import type { BreakerState, RequestOutcome, Resource, UpstreamObserver } from '../../restcomm/http/upstreamObserver.ts'
import { DURATION_BUCKETS_SECONDS } from './durationBuckets.ts'

export function createUpstreamMetrics(registry: Registry): UpstreamObserver {
  const registers = [registry]
  const requests = new Counter({
    name: 'restcomm_graphql_upstream_requests_total',
    help: 'Requests sent to Restcomm by resource and outcome.',
    labelNames: ['resource', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'restcomm_graphql_upstream_request_duration_seconds',
    help: 'Time from sending a request to the last byte of the response, by resource.',
    labelNames: ['resource'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  })
  const retries = new Counter({
    name: 'restcomm_graphql_upstream_retries_total',
    help: 'Retried requests by resource and reason: failure, or envelope (the list belongs to a different request).',
    labelNames: ['resource', 'reason'],
    registers,
  })
  const deduplicated = new Counter({
    name: 'restcomm_graphql_upstream_deduplicated_total',
    help: 'Requests not sent, because an equal request with the same credentials was active.',
    labelNames: ['resource'],
    registers,
  })
  const overloaded = new Counter({
    name: 'restcomm_graphql_upstream_overloaded_total',
    help: 'Requests not sent, because too many requests were active and waiting.',
    labelNames: ['resource'],
    registers,
  })
  const transitions = new Counter({
    name: 'restcomm_graphql_upstream_breaker_transitions_total',
    help: 'Transitions of the circuit breaker by new state.',
    labelNames: ['state'],
    registers,
  })
  for (const state of ['closed', 'half-open', 'open'] as const) transitions.inc({ state }, 0)
  const cursorDrift = new Counter({
    name: 'restcomm_graphql_cursor_drift_total',
    help: 'Cursors whose row has moved (moved) or was not found (lost), by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['moved', 'lost']) cursorDrift.inc({ outcome }, 0)

  const requestsOf = memoizeChildren<[Resource, RequestOutcome], Counter.Internal>((...labels) =>
    requests.labels(...labels),
  )
  const timerOf = memoizeChildren<[Resource], Histogram.Internal<string>>(resource => durations.labels(resource))
  const deduplicatedOf = memoizeChildren<[Resource], Counter.Internal>(resource => deduplicated.labels(resource))
  return {
    requestEnded: (resource, outcome, seconds) => {
      requestsOf(resource, outcome).inc()
      timerOf(resource).observe(seconds)
    },
    deduplicated: resource => deduplicatedOf(resource).inc(),
    retried: (resource, reason) => retries.inc({ resource, reason }),
    overloaded: resource => overloaded.inc({ resource }),
    breakerStateChanged: (state: BreakerState) => transitions.inc({ state }),
    cursorDrifted: distance => cursorDrift.inc({ outcome: distance === null ? 'lost' : 'moved' }),
  }
}

/** Memoizes the child of a metric for each set of labels, because the search of prom-client is slow. */
function memoizeChildren<L extends string[], C>(create: (...labels: L) => C) {
  const children = new Map<string, C>()
  return (...labels: L): C => {
    const key = labels.length === 1 ? (labels[0] as string) : labels.join(' ')
    let child = children.get(key)
    if (child === undefined) {
      child = create(...labels)
      children.set(key, child)
    }
    return child
  }
}
