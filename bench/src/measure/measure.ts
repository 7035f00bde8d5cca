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

/** Seconds. */
const LONGEST = 30

/**
 * What was begun and not answered when the time is over costs processor time as well: it must be little beside what was
 * answered.
 */
const ANSWERS_PER_CLIENT = 4

/** Measures for as long as was asked, and longer where a server is too slow for that. */
export const measure = async (options: MeasureOptions): Promise<Sample> => {
  const { server, checked, clients } = options
  const estimated = Math.ceil((ANSWERS_PER_CLIENT * clients * checked.milliseconds) / 1_000)
  for (
    let seconds = Math.min(LONGEST, Math.max(options.seconds, estimated));
    ;
    seconds = Math.min(LONGEST, 3 * seconds)
  ) {
    const { requests, sample } = await measureFor(options, seconds)
    if (requests >= ANSWERS_PER_CLIENT * clients || (seconds === LONGEST && requests > 0)) return sample
    if (seconds === LONGEST) {
      throw new Error(`${server.kind.name} answered nothing in ${seconds} s to ${clients} clients.`)
    }
  }
}

const measureFor = async (options: MeasureOptions, seconds: number) => {
  const { server, checked, file, nginx, core, clients, round } = options
  const { pid } = server.process
  const from = (round * 37) % checked.requests.length
  await nginx.settled()
  const asked = await nginx.requests()
  const [cpu, nginxCpu] = [cpuUs(pid), cpuUs(nginx.pid)]
  const { requests, microseconds, p50, p99 } = await load(server.url, file, { clients, seconds, core, from })
  const [used, nginxUsed] = [cpuUs(pid) - cpu, cpuUs(nginx.pid) - nginxCpu]
  const sample: Sample = {
    perSecond: (requests * 1e6) / microseconds,
    p50,
    p99,
    cpuUs: used / requests,
    busy: used / microseconds,
    nginxBusy: nginxUsed / microseconds,
    upstreamRequests: ((await nginx.requests()) - asked) / requests,
    residentBytes: residentBytes(pid),
  }
  return { requests, sample }
}
