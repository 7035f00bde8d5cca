import type { Sample } from '../measure/measure.ts'
import type { Results } from '../results.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import { ROWS, type WorkloadName } from '../workloads.ts'

export interface Goal {
  readonly sentence: string
  readonly found: number | null
  /** For a goal about rates: the ratio of the CPU times per response. Null for all other goals. */
  readonly byCpu: number | null
  readonly atLeast?: number
  readonly atMost?: number
  /** Desired value above `atLeast`, for the report only. `reached` ignores this value. */
  readonly reachFor?: number
  /** Null if a required measurement is missing. */
  readonly reached: boolean | null
}

const CLIENTS = 32

type RateGoals = Readonly<Partial<Record<WorkloadName, readonly [atLeast: number, reachFor?: number]>>>

/** Goals for the ratio of the gateway's response rate to the response rate of a reference server. */
const RATE_GOALS: Readonly<Record<string, RateGoals>> = {
  ceiling: { Q1: [0.25, 0.6], Q2: [0.5, 0.8], Q3: [0.8, 1], Q4: [0.3, 0.4] },
  tailcall: { Q2: [1], Q3: [1.5], Q4: [2.5] },
  apollo: { Q1: [1.5], Q2: [2.5], Q3: [5], Q4: [2] },
  mesh: { Q1: [6], Q2: [6], Q3: [6], Q4: [6] },
}

export function evaluateGoals(results: Results): readonly Goal[] {
  const medianOf = (
    server: string,
    workload: WorkloadName,
    key: keyof Sample,
    clients = CLIENTS,
    upstream: UpstreamName = 'immediate',
  ) => results.median({ server, upstream, workload, clients }, key)
  const ours = (workload: WorkloadName, key: keyof Sample) => medianOf('ours', workload, key)

  const rateGoals = Object.entries(RATE_GOALS).flatMap(([server, workloads]) =>
    Object.entries(workloads).map(([name, [atLeast, reachFor]]) => {
      const workload = name as WorkloadName
      return evaluate({
        sentence: `${workload} relative to ${server}`,
        found: ratio(ours(workload, 'perSecond'), medianOf(server, workload, 'perSecond')),
        byCpu: ratio(medianOf(server, workload, 'cpuUs'), ours(workload, 'cpuUs')),
        atLeast,
        ...(reachFor !== undefined && { reachFor }),
      })
    }),
  )
  const alone = results.get({ server: 'ours', upstream: 'immediate', workload: 'Q7', clients: CLIENTS })
  // CPU time per row. Q1 has a single row, so a workload has `ROWS - 1` more rows than Q1.
  const rowCost = (workload: WorkloadName) => {
    const [total, single] = [ours(workload, 'cpuUs'), ours('Q1', 'cpuUs')]
    return total === null || single === null ? null : (total - single) / (ROWS[workload] - 1)
  }
  const latency = (server: string, workload: WorkloadName) => medianOf(server, workload, 'p50', 1, 'delayed')
  const roundTrip = latency('proxy', 'Q1')

  return [
    ...rateGoals,
    evaluate({
      sentence: 'rate of Q5 relative to own Q3',
      found: ratio(ours('Q5', 'perSecond'), ours('Q3', 'perSecond')),
      byCpu: ratio(ours('Q3', 'cpuUs'), ours('Q5', 'cpuUs')),
      atLeast: 5,
    }),
    evaluate({
      sentence: 'CPU time of Q6 relative to Q6s, the same page near the start',
      found: ratio(ours('Q6', 'cpuUs'), ours('Q6s', 'cpuUs')),
      byCpu: null,
      atMost: 1.15,
    }),
    evaluate({
      sentence: 'CPU time per row of Q6 relative to Q2, without the CPU time of Q1',
      found: ratio(rowCost('Q6'), rowCost('Q2')),
      byCpu: null,
      atMost: 1.2,
    }),
    evaluate({
      sentence: 'upstream requests of Q7, without concurrent requests',
      found: alone?.upstreamRequestsAlone ?? null,
      byCpu: null,
      atMost: 2,
    }),
    evaluate({
      sentence: 'latency of Q3 for 1 client, upstream 5 ms away, relative to two proxied round trips',
      found: ratio(latency('ours', 'Q3'), roundTrip === null ? null : 2 * roundTrip),
      byCpu: null,
      atMost: 1.2,
    }),
    evaluate({
      sentence: 'latency of Q3 for 1 client, upstream 5 ms away, relative to ceiling',
      found: ratio(latency('ours', 'Q3'), latency('ceiling', 'Q3')),
      byCpu: null,
      atMost: 1.2,
    }),
  ]
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a / b
}

function evaluate(goal: Omit<Goal, 'reached'>): Goal {
  const { found, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal
  return { ...goal, reached: found === null ? null : found >= atLeast && found <= atMost }
}
