import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { CombinedMetrics, type Snapshot } from '../../../../src/observability/metrics/aggregate.ts'
import { parseExposition, sumOf } from '../../../support/exposition.ts'

interface Counts {
  readonly operations?: Readonly<Record<string, number>>
  readonly subscribers?: number
  readonly breaker?: number
  readonly durations?: readonly number[]
}

/** As a process sends it: as JSON. */
const snapshotOf = async ({ operations = {}, subscribers = 0, breaker = 0, durations = [] }: Counts) => {
  const registers = [new Registry()]
  const counter = new Counter({ name: 'operations_total', help: 'a', labelNames: ['operation'], registers })
  for (const [operation, count] of Object.entries(operations)) counter.inc({ operation }, count)
  new Gauge({ name: 'subscribers', help: 'a', registers }).set(subscribers)
  new Gauge({ name: 'restcomm_graphql_upstream_breaker_state', help: 'a', registers }).set(breaker)
  const histogram = new Histogram({ name: 'duration_seconds', help: 'a', buckets: [0.1, 1], registers })
  for (const duration of durations) histogram.observe(duration)
  return JSON.parse(JSON.stringify(await registers[0]?.getMetricsAsJSON())) as Snapshot
}

const read = async (combined: CombinedMetrics) => parseExposition(await combined.exposition())

describe('what several processes count', () => {
  it('adds up, by label and by bucket; of the breaker it is the worst', async () => {
    const combined = new CombinedMetrics()
    combined.learn(
      1,
      await snapshotOf({ operations: { A: 3, B: 1 }, subscribers: 2, breaker: 2, durations: [0.05, 0.5] }),
    )
    combined.learn(2, await snapshotOf({ operations: { A: 4, C: 5 }, subscribers: 5, durations: [5] }))
    const families = await read(combined)
    const operations = ['A', 'B', 'C'].map(operation => sumOf(families, 'operations_total', { operation }))
    expect(operations).toEqual([7, 1, 5])
    expect(sumOf(families, 'subscribers')).toBe(7)
    expect(sumOf(families, 'restcomm_graphql_upstream_breaker_state')).toBe(2)
    const buckets = ['0.1', '1', '+Inf'].map(le => sumOf(families, 'duration_seconds_bucket', { le }))
    expect(buckets).toEqual([1, 2, 3])
    expect(sumOf(families, 'duration_seconds_sum')).toBeCloseTo(5.55)
  })

  it('never falls when one of them ends, but for what is of those that live', async () => {
    const combined = new CombinedMetrics()
    combined.learn(1, await snapshotOf({ operations: { A: 3 }, subscribers: 2, breaker: 2, durations: [0.5] }))
    combined.learn(2, await snapshotOf({ operations: { A: 4 }, subscribers: 5 }))
    combined.end(1)
    combined.learn(3, await snapshotOf({ operations: { A: 10 } }))
    combined.end(3)
    combined.end(4)
    const families = await read(combined)
    expect(sumOf(families, 'operations_total', { operation: 'A' })).toBe(17)
    expect(sumOf(families, 'duration_seconds_count')).toBe(1)
    expect(sumOf(families, 'subscribers')).toBe(5)
    expect(sumOf(families, 'restcomm_graphql_upstream_breaker_state')).toBe(0)
  })

  it('keeps names of operations of those that have ended within a bound, and loses no count', async () => {
    const combined = new CombinedMetrics()
    for (let id = 0; id < 5; id++) {
      const operations = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`Q${id}_${i}`, 1]))
      combined.learn(id, await snapshotOf({ operations }))
      combined.end(id)
    }
    const families = await read(combined)
    expect(families.get('operations_total')?.samples).toHaveLength(201)
    expect(sumOf(families, 'operations_total')).toBe(500)
    expect(sumOf(families, 'operations_total', { operation: 'other' })).toBe(300)
  })
})
