import { cpus } from 'node:os'
import type { Sample } from '../measure/measure.ts'
import { median } from '../measure/statistics.ts'
import type { Options } from '../options.ts'
import type { Results } from '../results.ts'
import type { ServerDefinition } from '../servers/server.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import { TITLES, type WorkloadName } from '../workloads.ts'
import type { Goal } from './goals.ts'
import { formatNumber, table } from './table.ts'

export interface ReportOptions {
  readonly results: Results
  readonly goals: readonly Goal[]
  readonly options: Options
  readonly servers: readonly ServerDefinition[]
}

export function report({ results, goals, options, servers }: ReportOptions): string {
  const { workloads, upstreams, clients, seconds, rounds, cores } = options
  const coreUse =
    cores.server === cores.load
      ? 'server, nginx and wrk share a core'
      : 'a core for the server, a core for nginx and wrk'
  const conditions = [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    `${coreUse}, ${rounds} rounds of ${seconds} s`,
  ].join('; ')
  const sections = upstreams.flatMap(upstream =>
    clients.flatMap(count => [
      `### ${upstream === 'immediate' ? 'Immediate upstream' : 'Upstream 5 ms away'}, ${count} ${count === 1 ? 'client' : 'clients'}`,
      loadTables(results, servers, workloads, upstream, count),
    ]),
  )
  return [
    conditions,
    table(['', ...workloads], [['query', ...workloads.map(name => TITLES[name])]]),
    ...sections,
    '### Upstream requests per response, without concurrent requests',
    upstreamRequestTable(results, servers, options),
    '### Resident memory after the run, MB',
    memoryTable(results, servers, options),
    ...exclusionTable(results),
    '### Goals',
    goalTable(goals),
    '',
  ].join('\n\n')
}

function rowsOf(
  servers: readonly ServerDefinition[],
  workloads: readonly WorkloadName[],
  show: (server: string, workload: WorkloadName) => string,
): string[][] {
  return servers.map(({ name, title }) => [title, ...workloads.map(workload => show(name, workload))])
}

function loadTables(
  results: Results,
  servers: readonly ServerDefinition[],
  workloads: readonly WorkloadName[],
  upstream: UpstreamName,
  clients: number,
): string {
  const cells = (key: keyof Sample, format: (value: number, spread: number) => string) =>
    rowsOf(servers, workloads, (server, workload) => {
      const cell = { server, upstream, workload, clients }
      const value = results.median(cell, key)
      return value === null ? '' : format(value, results.spread(cell, key) ?? 0)
    })
  const head = (title: string) => [title, ...workloads]
  return [
    table(
      head('responses per second'),
      cells('perSecond', (value, spread) => `${formatNumber(value)} ±${Math.round(50 * spread)} %`),
    ),
    table(
      head('CPU time per response, µs'),
      cells('cpuUs', value => formatNumber(value)),
    ),
    table(
      head('median latency, ms'),
      cells('p50', value => formatNumber(value / 1_000)),
    ),
  ].join('\n\n')
}

function upstreamRequestTable(results: Results, servers: readonly ServerDefinition[], { workloads }: Options): string {
  return table(
    ['', ...workloads],
    rowsOf(servers, workloads, (server, workload) => {
      const cell = results.all.find(each => each.server === server && each.workload === workload)
      return cell === undefined ? '' : formatNumber(cell.upstreamRequestsAlone)
    }),
  )
}

function memoryTable(results: Results, servers: readonly ServerDefinition[], { upstreams }: Options): string {
  return table(
    ['', ...upstreams],
    servers.map(({ name, title }) => [
      title,
      ...upstreams.map(upstream => {
        const cells = results.all.filter(cell => cell.server === name && cell.upstream === upstream)
        const last = cells.at(-1)?.samples.map(sample => sample.residentBytes / 1e6)
        return last === undefined ? '' : formatNumber(median(last))
      }),
    ]),
  )
}

function exclusionTable({ exclusions }: Results): string[] {
  return exclusions.length === 0
    ? []
    : [
        '### Excluded because of wrong responses',
        table(
          ['server', 'scope', 'reason'],
          exclusions.map(({ server, scope, reason }) => [server, scope, reason.replaceAll(/[\s|]+/g, ' ')]),
        ),
      ]
}

function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'target', 'measured', 'by CPU time', ''],
    goals.map(({ sentence, atLeast, atMost, reachFor, found, byCpu, reached }) => [
      sentence,
      [
        atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`,
        ...(reachFor === undefined ? [] : [`reach for ${reachFor}`]),
      ].join(', '),
      found === null ? '' : found.toFixed(2),
      byCpu === null ? '' : byCpu.toFixed(2),
      reached === null ? 'not measured' : reached ? 'reached' : 'missed',
    ]),
  )
}
