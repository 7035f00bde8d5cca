import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import type { CacheStats } from '../../restcomm/cache/memoryCache.ts'
import type { BreakerState, UpstreamObserver } from '../../restcomm/http/upstreamObserver.ts'

/**
 * - `ok`: data without errors.
 * - `partial`: data with errors.
 * - `refused`: no data, or each top-level field failed; the request is at fault.
 * - `failed`: no data, or each top-level field failed; the gateway or Restcomm is at fault.
 * - `cancelled`: the client disconnected.
 */
export type OperationOutcome = 'ok' | 'partial' | 'refused' | 'failed' | 'cancelled'
/** An operation rejected before execution, for example because of a parse error, has the type `unknown`. */
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown'

export interface GaugeValues {
  readonly watches: number
  readonly subscribers: number
  readonly inFlight: number
  readonly queued: number
  readonly oldestWaitingMs: number
  readonly breaker: BreakerState
  readonly cache: CacheStats
}

export type Metric = MetricObjectWithValues<MetricValue<string>>
export type MetricsSnapshot = readonly Metric[]

/** All metrics of a gateway. `docs/operations.md` lists every metric. */
export type MetricsRegistry = ReturnType<typeof createMetricsRegistry>
export type OperationMetrics = MetricsRegistry['operations']
type MetricName = keyof typeof HELP

const NAME_PREFIX = 'restcomm_graphql_'
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const MAX_OPERATION_NAMES = 200
/** The limit is only a safeguard, because the gateway and Yoga define fewer codes. */
const MAX_ERROR_CODES = 100
const OTHER_LABEL = 'other'
const BREAKER_STATES: readonly BreakerState[] = ['closed', 'open']

const HELP = {
  operations_total: 'Finished operations by name, type and outcome.',
  operation_duration_seconds: 'Time from arrival to response by type; for subscriptions, to the start of the stream.',
  errors_total: 'Errors in responses by code.',
  subscription_events_total: 'Events sent to subscribers.',
  http_responses_total: 'HTTP responses at /graphql by status.',
  unhandled_rejections_total: 'Unhandled promise rejections. Each is a bug in the gateway.',
  upstream_requests_total: 'Requests sent to Restcomm by resource and outcome.',
  upstream_request_duration_seconds: 'Time from sending a request to the last byte of the response, by resource.',
  upstream_retries_total:
    'Retried requests by resource and reason: failure, or envelope (the list belongs to a different request).',
  upstream_deduplicated_total: 'Requests not sent, because an equal request with the same credentials was active.',
  upstream_overloaded_total: 'Requests not sent, because too many requests were active and waiting.',
  upstream_breaker_transitions_total: 'Transitions of the circuit breaker of the server by new state.',
  cursor_drift_total: 'Cursors whose row has moved (moved) or was not found (lost), by outcome.',
  processes: 'Serving processes: equal to WORKERS, unless a worker has just ended.',
  watches: 'Poll loops: conferences and accounts with subscribers.',
  subscribers: 'Active subscriptions.',
  upstream_in_flight: 'Active requests to Restcomm.',
  upstream_waiting: 'Requests to Restcomm waiting for a connection.',
  upstream_oldest_waiting_seconds: 'Age of the oldest request to Restcomm waiting for a connection; 0 without.',
  upstream_breaker_state: 'State of the circuit breaker of the server: 0 closed, 1 open (only trial requests).',
  cache_bytes: 'Estimated size of the cache of the process.',
  cache_entries: 'Cached rows and lists of the process.',
  cache_lookups_total: 'Cache lookups by outcome: hit, shared_hit (found in Redis) or miss.',
}

/** The metrics of the process, such as memory. All gateways in the process share the metrics. */
let processRegistry: Registry | undefined

export function createMetricsRegistry(readGaugeValues: () => GaugeValues) {
  const registry = new Registry()
  if (processRegistry === undefined) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  const registries = [registry, processRegistry]
  registerGauges(registry, readGaugeValues)
  const rejections = createCounter(registry, 'unhandled_rejections_total')
  return {
    operations: createOperationMetrics(registry),
    upstream: createUpstreamMetrics(registry),
    countUnhandledRejection: () => rejections().inc(),
    contentType: registry.contentType,
    exposition: async (): Promise<string> => {
      const texts = await Promise.all(registries.map(each => each.metrics()))
      // prom-client writes `Nan` for missing values; the format defines `NaN` only.
      return texts.join('\n').replace(/ Nan$/gm, ' NaN')
    },
    /** Returns the metrics for aggregation across processes. Omits NaN and infinity, which JSON does not support. */
    snapshot: async (): Promise<MetricsSnapshot> => {
      const metrics = (await Promise.all(registries.map(each => each.getMetricsAsJSON()))).flat()
      return metrics.map(metric => ({ ...metric, values: metric.values.filter(({ value }) => Number.isFinite(value)) }))
    },
  }
}

function createOperationMetrics(registry: Registry) {
  const operations = createCounter(registry, 'operations_total', 'operation', 'type', 'outcome')
  const durations = createHistogram(registry, 'operation_duration_seconds', 'type')
  const errors = createCounter(registry, 'errors_total', 'code')
  const events = createCounter(registry, 'subscription_events_total')
  const responses = createCounter(registry, 'http_responses_total', 'status')
  const cursorDrift = createCounter(registry, 'cursor_drift_total', 'outcome')
  for (const outcome of ['moved', 'lost']) cursorDrift(outcome).inc(0)
  const limitNames = createLabelLimit(MAX_OPERATION_NAMES)
  const limitCodes = createLabelLimit(MAX_ERROR_CODES)
  return {
    countOperation: (type: OperationType, name: string | null, outcome: OperationOutcome, seconds: number) => {
      // Only successful operations add names, because rejected operations can have any number of names.
      const isSuccessful = outcome === 'ok' || outcome === 'partial'
      const label = name === null ? 'anonymous' : limitNames(name, isSuccessful)
      operations(label, type, outcome).inc()
      durations(type).observe(seconds)
    },
    /** `code` is the `extensions.code` of an error in a response. */
    countError: (code: unknown) => {
      const isCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)
      errors(isCode ? limitCodes(code) : code === undefined ? 'none' : OTHER_LABEL).inc()
    },
    countEvent: () => events().inc(),
    countCursorDrift: (outcome: 'moved' | 'lost') => cursorDrift(outcome).inc(),
    /** Counts HTTP responses at `/graphql`. */
    countResponse: (status: number) => responses(String(status)).inc(),
  }
}

function createUpstreamMetrics(registry: Registry): UpstreamObserver {
  const requests = createCounter(registry, 'upstream_requests_total', 'resource', 'outcome')
  const durations = createHistogram(registry, 'upstream_request_duration_seconds', 'resource')
  const retries = createCounter(registry, 'upstream_retries_total', 'resource', 'reason')
  const deduplicated = createCounter(registry, 'upstream_deduplicated_total', 'resource')
  const overloaded = createCounter(registry, 'upstream_overloaded_total', 'resource')
  const transitions = createCounter(registry, 'upstream_breaker_transitions_total', 'state')
  for (const state of BREAKER_STATES) transitions(state).inc(0)
  return {
    requestEnded: (resource, outcome, seconds) => {
      requests(resource, outcome).inc()
      durations(resource).observe(seconds)
    },
    deduplicated: resource => deduplicated(resource).inc(),
    retried: (resource, reason) => retries(resource, reason).inc(),
    overloaded: resource => overloaded(resource).inc(),
    breakerChanged: ({ state, scope }) => {
      if (scope === 'server') transitions(state).inc()
    },
    // Logged only.
    paused: () => undefined,
  }
}

function registerGauges(registry: Registry, read: () => GaugeValues): void {
  const gauge = (name: MetricName, readValue: () => number) => {
    const created: Gauge = new Gauge({ ...optionsOf(registry, name), collect: () => created.set(readValue()) })
  }
  gauge('processes', () => 1)
  gauge('watches', () => read().watches)
  gauge('subscribers', () => read().subscribers)
  gauge('upstream_in_flight', () => read().inFlight)
  gauge('upstream_waiting', () => read().queued)
  gauge('upstream_oldest_waiting_seconds', () => read().oldestWaitingMs / 1_000)
  gauge('upstream_breaker_state', () => BREAKER_STATES.indexOf(read().breaker))
  gauge('cache_bytes', () => read().cache.bytes)
  gauge('cache_entries', () => read().cache.entries)
  const lookups: Counter = new Counter({
    ...optionsOf(registry, 'cache_lookups_total', ['outcome']),
    collect: () => {
      const { hits, sharedHits, misses } = read().cache
      lookups.reset()
      lookups.inc({ outcome: 'hit' }, hits)
      lookups.inc({ outcome: 'shared_hit' }, sharedHits)
      lookups.inc({ outcome: 'miss' }, misses)
    },
  })
}

function optionsOf(registry: Registry, name: MetricName, labelNames: readonly string[] = []) {
  return { name: NAME_PREFIX + name, help: HELP[name], labelNames, registers: [registry] }
}

/** Returns a function from the values of the labels to the counter for these values. */
function createCounter(registry: Registry, name: MetricName, ...labelNames: readonly string[]) {
  const counter = new Counter(optionsOf(registry, name, labelNames))
  return memoizeChildren(labels => counter.labels(...labels))
}

function createHistogram(registry: Registry, name: MetricName, label: string) {
  const histogram = new Histogram({ ...optionsOf(registry, name, [label]), buckets: DURATION_BUCKETS_SECONDS })
  return memoizeChildren(labels => histogram.labels(...labels))
}

/** Memoizes the child of a metric for each set of labels, because the search of prom-client is slow. */
function memoizeChildren<C>(create: (labels: string[]) => C) {
  const children = new Map<string, C>()
  return (...labels: string[]): C => {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join(' ')
    let child = children.get(key)
    if (child === undefined) {
      child = create(labels)
      children.set(key, child)
    }
    return child
  }
}

/**
 * Returns a function that keeps the first `maxValues` values of a label, and replaces further values by `other`. Values
 * with `mayAdd` false are kept only if known.
 */
export function createLabelLimit(maxValues: number) {
  const values = new Set<string>()
  return (value: string, mayAdd = true): string => {
    if (mayAdd && values.size < maxValues) values.add(value)
    return values.has(value) ? value : OTHER_LABEL
  }
}
