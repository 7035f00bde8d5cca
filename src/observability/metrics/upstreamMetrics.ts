import { Counter, Histogram, type Registry } from 'prom-client'
import type { BreakerState, RequestOutcome, Resource, UpstreamObserver } from '../../restcomm/http/observer.ts'
import { SECONDS } from './buckets.ts'

/** Resources, outcomes, reasons and states are closed sets, and so are the labels. */
export const upstreamMetrics = (registry: Registry): UpstreamObserver => {
  const registers = [registry]
  const requests = new Counter({
    name: 'restcomm_graphql_upstream_requests_total',
    help: 'Requests that were sent to Restcomm, by resource and by how they ended.',
    labelNames: ['resource', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'restcomm_graphql_upstream_request_duration_seconds',
    help: 'From sending a request to Restcomm to the last byte of its answer, by resource.',
    labelNames: ['resource'],
    buckets: SECONDS,
    registers,
  })
  const retries = new Counter({
    name: 'restcomm_graphql_upstream_retries_total',
    help: "Requests that were sent again: they failed (failure), or a list's envelope was another's (envelope).",
    labelNames: ['resource', 'reason'],
    registers,
  })
  const joined = new Counter({
    name: 'restcomm_graphql_upstream_joined_total',
    help: 'Requests that were not sent, since an equal one of the same credentials was under way.',
    labelNames: ['resource'],
    registers,
  })
  const overloaded = new Counter({
    name: 'restcomm_graphql_upstream_overloaded_total',
    help: 'Requests that were not sent, since too many were under way and waiting.',
    labelNames: ['resource'],
    registers,
  })
  const turns = new Counter({
    name: 'restcomm_graphql_upstream_breaker_turns_total',
    help: 'How often the circuit breaker turned to a state.',
    labelNames: ['state'],
    registers,
  })
  for (const state of ['closed', 'half-open', 'open'] as const) turns.inc({ state }, 0)

  const requestsOf = children<[Resource, RequestOutcome], Counter.Internal>((...labels) => requests.labels(...labels))
  const timerOf = children<[Resource], Histogram.Internal<string>>(resource => durations.labels(resource))
  const joinedOf = children<[Resource], Counter.Internal>(resource => joined.labels(resource))
  return {
    requested: (resource, outcome, seconds) => {
      requestsOf(resource, outcome).inc()
      timerOf(resource).observe(seconds)
    },
    joined: resource => joinedOf(resource).inc(),
    retried: (resource, reason) => retries.inc({ resource, reason }),
    overloaded: resource => overloaded.inc({ resource }),
    breakerTurned: (state: BreakerState) => turns.inc({ state }),
  }
}

/** Each made once: finding a metric's child by its labels costs more than counting with it. */
const children = <L extends string[], C>(make: (...labels: L) => C) => {
  const made = new Map<string, C>()
  return (...labels: L): C => {
    const key = labels.length === 1 ? (labels[0] as string) : labels.join(' ')
    let child = made.get(key)
    if (child === undefined) {
      child = make(...labels)
      made.set(key, child)
    }
    return child
  }
}
