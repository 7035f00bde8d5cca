import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { BoundedLabel } from './labelLimiter.ts'

/** What a process has counted, as it can be sent to another. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[]

/** Other processes that serve the same port. */
export interface Colleagues {
  /** Says how to read what this process has counted. */
  join(snapshot: () => Promise<Snapshot>): void
  /** What all have counted, this process among them. Rejects where nobody can say. */
  exposition(): Promise<string>
}

/** Where a sum, or what prom-client takes by itself, would mislead: what is worst among them, and who began last. */
const LARGEST = new Set([
  'restcomm_graphql_upstream_breaker_state',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
])

/** Names of operations that are remembered of processes that have ended. */
const MAXIMUM_NAMES = 200

/**
 * What several processes count, as one. A counter never falls when one of them ends: what it had counted last is kept.
 * Gauges are of those that live.
 */
export class CombinedMetrics {
  readonly #living = new Map<number, Snapshot>()
  readonly #names = new BoundedLabel(MAXIMUM_NAMES)
  #ended: Snapshot = []

  /** What a process has counted by now, in place of what it said before. */
  learn(id: number, snapshot: Snapshot): void {
    this.#living.set(id, snapshot)
  }

  /** A process is gone, and counts no more. */
  end(id: number): void {
    const counted = (this.#living.get(id) ?? []).filter(({ type }) => String(type) !== 'gauge')
    this.#living.delete(id)
    this.#ended = sumOf([this.#ended, counted.map(metric => this.#bounded(metric))])
  }

  exposition(): Promise<string> {
    return AggregatorRegistry.aggregate([...this.#living.values(), this.#ended].map(comparable)).metrics()
  }

  /** Each process bounds the names that it counts by; many that come and go would not. */
  #bounded(metric: Snapshot[number]): Snapshot[number] {
    const values = metric.values.map(value => {
      const { operation } = value.labels
      return operation === undefined
        ? value
        : { ...value, labels: { ...value.labels, operation: this.#names.admit(String(operation)) } }
    })
    return { ...metric, values }
  }
}

/** prom-client has the aggregated metrics at hand at once; only its way to read them waits. */
const sumOf = (snapshots: readonly Snapshot[]): Snapshot =>
  AggregatorRegistry.aggregate([...snapshots]).getMetricsAsArray() as unknown as Snapshot

const comparable = (snapshot: Snapshot): object =>
  snapshot.map(metric => (LARGEST.has(metric.name) ? { ...metric, aggregator: 'max' } : metric))
