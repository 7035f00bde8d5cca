import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { MetricsAggregate } from '../../../../src/observability/metrics/aggregate.ts'
import type { MetricsSnapshot } from '../../../../src/observability/metrics/registry.ts'
import { parseExposition, sumOf } from '../../../support/exposition.ts'

interface Counts {
  readonly operations?: Readonly<Record<string, number>>
  readonly subscribers?: number
  readonly breaker?: number
  readonly durations?: readonly number[]
}

/** Serialized as for the IPC channel. */
const snapshotOf = async ({ operations = {}, subscribers = 0, breaker = 0, durations = [] }: Counts) => {
  const registers = [new Registry()]
  const counter = new Counter({ name: 'operations_total', help: 'a', labelNames: ['operation'], registers })
  for (const [operation, count] of Object.entries(operations)) counter.inc({ operation }, count)
  new Gauge({ name: 'subscribers', help: 'a', registers }).set(subscribers)
  new Gauge({ name: 'restcomm_graphql_upstream_breaker_state', help: 'a', registers }).set(breaker)
  const histogram = new Histogram({ name: 'duration_seconds', help: 'a', buckets: [0.1, 1], registers })
  for (const duration of durations) histogram.observe(duration)
  return JSON.parse(JSON.stringify(await registers[0]?.getMetricsAsJSON())) as MetricsSnapshot
}

const read = async (aggregate: MetricsAggregate) => parseExposition(await aggregate.exposition())

describe('MetricsAggregate', () => {
  it('MetricsAggregate sums processes by label and bucket, and takes the worst breaker state', async () => {
    const aggregate = new MetricsAggregate()
    aggregate.update(
      1,
      await snapshotOf({ operations: { A: 3, B: 1 }, subscribers: 2, breaker: 2, durations: [0.05, 0.5] }),
    )
    aggregate.update(2, await snapshotOf({ operations: { A: 4, C: 5 }, subscribers: 5, durations: [5] }))
    const families = await read(aggregate)
    const operations = ['A', 'B', 'C'].map(operation => sumOf(families, 'operations_total', { operation }))
    expect(operations).toEqual([7, 1, 5])
    expect(sumOf(families, 'subscribers')).toBe(7)
    expect(sumOf(families, 'restcomm_graphql_upstream_breaker_state')).toBe(2)
    const buckets = ['0.1', '1', '+Inf'].map(le => sumOf(families, 'duration_seconds_bucket', { le }))
    expect(buckets).toEqual([1, 2, 3])
    expect(sumOf(families, 'duration_seconds_sum')).toBeCloseTo(5.55)
  })

  it('MetricsAggregate keeps the counters of ended processes and drops the gauges', async () => {
    const aggregate = new MetricsAggregate()
    aggregate.update(1, await snapshotOf({ operations: { A: 3 }, subscribers: 2, breaker: 2, durations: [0.5] }))
    aggregate.update(2, await snapshotOf({ operations: { A: 4 }, subscribers: 5 }))
    aggregate.remove(1)
    aggregate.update(3, await snapshotOf({ operations: { A: 10 } }))
    aggregate.remove(3)
    aggregate.remove(4)
    const families = await read(aggregate)
    expect(sumOf(families, 'operations_total', { operation: 'A' })).toBe(17)
    expect(sumOf(families, 'duration_seconds_count')).toBe(1)
    expect(sumOf(families, 'subscribers')).toBe(5)
    expect(sumOf(families, 'restcomm_graphql_upstream_breaker_state')).toBe(0)
  })

  it('MetricsAggregate limits the operation names of ended processes without losing counts', async () => {
    const aggregate = new MetricsAggregate()
    for (let id = 0; id < 5; id++) {
      const operations = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`Q${id}_${i}`, 1]))
      aggregate.update(id, await snapshotOf({ operations }))
      aggregate.remove(id)
    }
    const families = await read(aggregate)
    expect(families.get('operations_total')?.samples).toHaveLength(201)
    expect(sumOf(families, 'operations_total')).toBe(500)
    expect(sumOf(families, 'operations_total', { operation: 'other' })).toBe(300)
  })
})
