import { cpus } from 'node:os'
import type { Sample } from '../measure/measure.ts'
import { median } from '../measure/statistics.ts'
import type { Options } from '../options.ts'
import type { Results } from '../results.ts'
import type { ServerKind } from '../servers/server.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import { TITLES, type WorkloadName } from '../workloads.ts'
import type { Goal } from './goals.ts'
import { figure, table } from './table.ts'

export interface ReportOptions {
  readonly results: Results
  readonly goals: readonly Goal[]
  readonly options: Options
  readonly kinds: readonly ServerKind[]
}

/** Everything that a run has found, as Markdown. */
export const report = ({ results, goals, options, kinds }: ReportOptions): string => {
  const { workloads, upstreams, clients, seconds, rounds, cores } = options
  const sharing =
    cores.server === cores.load ? 'one core for everything' : 'one core for the server, another for the rest'
  const conditions = [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    `${sharing}, ${rounds} rounds of ${seconds} s`,
  ].join('; ')
  const sections = upstreams.flatMap(upstream =>
    clients.flatMap(count => [
      `### ${upstream === 'immediate' ? 'Immediate upstream' : 'Upstream 5 ms away'}, ${count} ${count === 1 ? 'client' : 'clients'}`,
      of(results, kinds, workloads, upstream, count),
    ]),
  )
  return [
    conditions,
    table(['', ...workloads], [['asked', ...workloads.map(name => TITLES[name])]]),
    ...sections,
    '### Upstream requests for one answer, asked alone',
    alone(results, kinds, options),
    '### Resident memory after the run, MB',
    memory(results, kinds, options),
    ...leftOut(results),
    '### Goals',
    goalTable(goals),
    '',
  ].join('\n\n')
}

const rowsFor = (
  kinds: readonly ServerKind[],
  workloads: readonly WorkloadName[],
  show: (server: string, workload: WorkloadName) => string,
): string[][] => kinds.map(({ name, title }) => [title, ...workloads.map(workload => show(name, workload))])

const of = (
  results: Results,
  kinds: readonly ServerKind[],
  workloads: readonly WorkloadName[],
  upstream: UpstreamName,
  clients: number,
): string => {
  const shown = (value: keyof Sample, text: (value: number, spread: number) => string) =>
    rowsFor(kinds, workloads, (server, workload) => {
      const cell = { server, upstream, workload, clients }
      const middle = results.median(cell, value)
      return middle === null ? '' : text(middle, results.spread(cell, value) ?? 0)
    })
  const head = (what: string) => [what, ...workloads]
  return [
    table(
      head('answers per second'),
      shown('perSecond', (value, spread) => `${figure(value)} ±${Math.round(50 * spread)} %`),
    ),
    table(
      head('µs of processor time for each'),
      shown('cpuUs', value => figure(value)),
    ),
    table(
      head('ms until half of them were there'),
      shown('p50', value => figure(value / 1_000)),
    ),
  ].join('\n\n')
}

const alone = (results: Results, kinds: readonly ServerKind[], { workloads }: Options): string =>
  table(
    ['', ...workloads],
    rowsFor(kinds, workloads, (server, workload) => {
      const cell = results.all.find(each => each.server === server && each.workload === workload)
      return cell === undefined ? '' : figure(cell.upstreamRequestsAlone)
    }),
  )

const memory = (results: Results, kinds: readonly ServerKind[], { upstreams }: Options): string =>
  table(
    ['', ...upstreams],
    kinds.map(({ name, title }) => [
      title,
      ...upstreams.map(upstream => {
        const cells = results.all.filter(cell => cell.server === name && cell.upstream === upstream)
        const last = cells.at(-1)?.samples.map(sample => sample.residentBytes / 1e6)
        return last === undefined ? '' : figure(median(last))
      }),
    ]),
  )

/** Nothing where every server has answered all it was asked. */
const leftOut = ({ leftOut: all }: Results): string[] =>
  all.length === 0
    ? []
    : [
        '### Left out, since answers were wrong',
        table(
          ['server', 'of', 'why'],
          all.map(({ server, of, reason }) => [server, of, reason.replaceAll(/[\s|]+/g, ' ')]),
        ),
      ]

const goalTable = (goals: readonly Goal[]): string =>
  table(
    ['goal', 'wanted', 'found', 'by processor time', ''],
    goals.map(({ sentence, atLeast, atMost, reachFor, found, byCpu, reached }) => [
      sentence,
      [
        atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`,
        ...(reachFor === undefined ? [] : [`reach for ${reachFor}`]),
      ].join(', '),
      found === null ? '' : found.toFixed(2),
      byCpu === null ? '' : byCpu.toFixed(2),
      reached === null ? 'not measured' : reached ? 'reached' : 'not reached',
    ]),
  )
