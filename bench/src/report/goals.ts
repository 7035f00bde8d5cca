import type { Sample } from '../measure/measure.ts'
import type { Results } from '../results.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import { ROWS, type WorkloadName } from '../workloads.ts'

export interface Goal {
  readonly sentence: string
  /** What was found; null where the run did not measure it. */
  readonly found: number | null
  /** The same from processor time for each answer, which a busy machine disturbs less; null where it has no meaning. */
  readonly byCpu: number | null
  readonly atLeast?: number
  readonly atMost?: number
  /** Better than the goal, and hoped for. */
  readonly reachFor?: number
  /** Null where the run did not measure it. */
  readonly reached: boolean | null
}

const CLIENTS = 32

type Quick = Readonly<Partial<Record<WorkloadName, readonly [atLeast: number, reachFor?: number]>>>

/** How many times as many requests per second as each of these. */
const BESIDE: Readonly<Record<string, Quick>> = {
  ceiling: { Q1: [0.25, 0.6], Q2: [0.5, 0.8], Q3: [0.8, 1], Q4: [0.3, 0.4] },
  tailcall: { Q2: [1], Q3: [1.5], Q4: [2.5] },
  apollo: { Q1: [1.5], Q2: [2.5], Q3: [5], Q4: [2] },
  mesh: { Q1: [6], Q2: [6], Q3: [6], Q4: [6] },
}

/** The goals that this gateway is built to, and how far it is from each. */
export const goals = (results: Results): readonly Goal[] => {
  const figure = (
    server: string,
    workload: WorkloadName,
    of: keyof Sample,
    clients = CLIENTS,
    upstream: UpstreamName = 'immediate',
  ) => results.median({ server, upstream, workload, clients }, of)
  const ours = (workload: WorkloadName, of: keyof Sample) => figure('ours', workload, of)

  const beside = Object.entries(BESIDE).flatMap(([server, workloads]) =>
    Object.entries(workloads).map(([name, [atLeast, reachFor]]) => {
      const workload = name as WorkloadName
      return goal({
        sentence: `${workload} beside ${server}`,
        found: ratio(ours(workload, 'perSecond'), figure(server, workload, 'perSecond')),
        byCpu: ratio(figure(server, workload, 'cpuUs'), ours(workload, 'cpuUs')),
        atLeast,
        ...(reachFor !== undefined && { reachFor }),
      })
    }),
  )
  const alone = results.of({ server: 'ours', upstream: 'immediate', workload: 'Q7', clients: CLIENTS })
  // What a row costs, once what every request costs is taken off.
  const rowCost = (workload: WorkloadName) => {
    const [all, one] = [ours(workload, 'cpuUs'), ours('Q1', 'cpuUs')]
    return all === null || one === null ? null : (all - one) / (ROWS[workload] - 1)
  }
  const latency = (server: string, workload: WorkloadName) => figure(server, workload, 'p50', 1, 'delayed')
  const roundTrip = latency('proxy', 'Q1')

  return [
    ...beside,
    goal({
      sentence: 'Q5 beside our own Q3',
      found: ratio(ours('Q5', 'perSecond'), ours('Q3', 'perSecond')),
      byCpu: ratio(ours('Q3', 'cpuUs'), ours('Q5', 'cpuUs')),
      atLeast: 5,
    }),
    goal({
      sentence: 'Q6 costs what the same page near the front costs (processor time)',
      found: ratio(ours('Q6', 'cpuUs'), ours('Q6s', 'cpuUs')),
      byCpu: null,
      atMost: 1.15,
    }),
    goal({
      sentence: 'a row of Q6 costs what a row of Q2 costs (processor time beyond that of Q1)',
      found: ratio(rowCost('Q6'), rowCost('Q2')),
      byCpu: null,
      atMost: 1.2,
    }),
    goal({
      sentence: 'upstream requests of Q7, asked alone',
      found: alone?.upstreamRequestsAlone ?? null,
      byCpu: null,
      atMost: 2,
    }),
    goal({
      sentence: 'Q3 for one client, upstream 5 ms away, in two round trips (those of a proxied request)',
      found: ratio(latency('ours', 'Q3'), roundTrip === null ? null : 2 * roundTrip),
      byCpu: null,
      atMost: 1.2,
    }),
    goal({
      sentence: 'the same beside the ceiling, which has the same 51 answers to read',
      found: ratio(latency('ours', 'Q3'), latency('ceiling', 'Q3')),
      byCpu: null,
      atMost: 1.2,
    }),
  ]
}

const ratio = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one / other

const goal = (unjudged: Omit<Goal, 'reached'>): Goal => {
  const { found, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = unjudged
  return { ...unjudged, reached: found === null ? null : found >= atLeast && found <= atMost }
}
