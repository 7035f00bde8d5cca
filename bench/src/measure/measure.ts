import { cpuUs, residentBytes } from '../process/usage.ts'
import type { Running } from '../servers/run.ts'
import type { Nginx, UpstreamName } from '../upstream/nginx.ts'
import type { WorkloadName } from '../workloads.ts'
import type { Checked } from './check.ts'
import { load } from './wrk.ts'

/** What is compared: one server under one load. */
export interface Cell {
  readonly server: string
  readonly upstream: UpstreamName
  readonly workload: WorkloadName
  readonly clients: number
}

/** One measurement of a cell. */
export interface Sample {
  readonly perSecond: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  /** Of the server, for each answer. Microseconds. */
  readonly cpuUs: number
  /** The share of its core that the server used, and of theirs that nginx used. */
  readonly busy: number
  readonly nginxBusy: number
  readonly upstreamRequests: number
  readonly residentBytes: number
}

export interface MeasureOptions {
  readonly server: Running
  readonly checked: Checked
  /** What wrk sends. */
  readonly file: string
  readonly nginx: Nginx
  readonly core: number
  readonly clients: number
  readonly seconds: number
  readonly round: number
}

/** A slow server under many clients needs longer than was asked, or it would answer none of them. Seconds. */
const LONGEST = 20

const secondsFor = ({ seconds, clients, checked }: MeasureOptions): number =>
  Math.min(LONGEST, Math.max(seconds, Math.ceil((2 * clients * checked.milliseconds) / 1_000)))

export const measure = async (options: MeasureOptions): Promise<Sample> => {
  const { server, checked, file, nginx, core, clients, round } = options
  const { pid } = server.process
  const seconds = secondsFor(options)
  const from = (round * 37) % checked.requests.length
  await nginx.settled()
  const asked = await nginx.requests()
  const [cpu, nginxCpu] = [cpuUs(pid), cpuUs(nginx.pid)]
  const { requests, microseconds, p50, p99 } = await load(server.url, file, { clients, seconds, core, from })
  const [used, nginxUsed] = [cpuUs(pid) - cpu, cpuUs(nginx.pid) - nginxCpu]
  if (requests === 0) throw new Error(`${server.kind.name} answered nothing in ${seconds} s to ${clients} clients.`)
  return {
    perSecond: (requests * 1e6) / microseconds,
    p50,
    p99,
    cpuUs: used / requests,
    busy: used / microseconds,
    nginxBusy: nginxUsed / microseconds,
    upstreamRequests: ((await nginx.requests()) - asked) / requests,
    residentBytes: residentBytes(pid),
  }
}
