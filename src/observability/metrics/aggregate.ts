import { AggregatorRegistry } from 'prom-client'
import { createLabelLimit, type Metric, type MetricsSnapshot } from './registry.ts'

/** Metrics with the maximum of all processes: worst breaker state, longest wait, worst lag, newest start. */
const AGGREGATED_BY_MAX = new Set([
  'restcomm_graphql_upstream_breaker_state',
  'restcomm_graphql_upstream_oldest_waiting_seconds',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
])

const MAX_OPERATION_NAMES = 200

/**
 * Combines the metrics of several processes. Counters include ended processes, because totals must never decrease.
 * Gauges include only running processes.
 */
export class MetricsAggregate {
  readonly #snapshots = new Map<number, MetricsSnapshot>()
  readonly #limitName = createLabelLimit(MAX_OPERATION_NAMES)
  #endedTotals: MetricsSnapshot = []

  update(id: number, snapshot: MetricsSnapshot): void {
    this.#snapshots.set(id, snapshot)
  }

  remove(id: number): void {
    const counters = (this.#snapshots.get(id) ?? []).filter(({ type }) => String(type) !== 'gauge')
    this.#snapshots.delete(id)
    this.#endedTotals = sumOf([this.#endedTotals, counters.map(metric => this.#limitNames(metric))])
  }

  exposition(): Promise<string> {
    return AggregatorRegistry.aggregate([...this.#snapshots.values(), this.#endedTotals].map(withAggregators)).metrics()
  }

  /** Limits the operation names in `#endedTotals`. Without a limit, each ended process could add further names. */
  #limitNames(metric: Metric): Metric {
    const values = metric.values.map(value => {
      const { operation } = value.labels
      return operation === undefined
        ? value
        : { ...value, labels: { ...value.labels, operation: this.#limitName(String(operation)) } }
    })
    return { ...metric, values }
  }
}

/** Uses `getMetricsAsArray`, because the better documented `getMetricsAsJSON` is asynchronous. */
function sumOf(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  return AggregatorRegistry.aggregate([...snapshots]).getMetricsAsArray() as Metric[]
}

function withAggregators(snapshot: MetricsSnapshot): object {
  return snapshot.map(metric => (AGGREGATED_BY_MAX.has(metric.name) ? { ...metric, aggregator: 'max' } : metric))
}
