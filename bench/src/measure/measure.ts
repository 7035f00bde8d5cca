import { cpuUs, residentBytes } from '../process/resourceUsage.ts'
import type { RunningServer } from '../servers/startServer.ts'
import type { Nginx, UpstreamName } from '../upstream/nginx.ts'
import type { WorkloadName } from '../workloads.ts'
import type { VerifiedQueries } from './verifyResponses.ts'
import { runWrk } from './wrk.ts'

export interface Cell {
  readonly server: string
  readonly upstream: UpstreamName
  readonly workload: WorkloadName
  readonly clients: number
}

/** A measurement of a cell. The names are keys of the result files. */
export interface Sample {
  readonly perSecond: number
  /** Median latency in microseconds. */
  readonly p50: number
  readonly p99: number
  readonly cpuUs: number
  /** Load of the server core, 0 to 1. */
  readonly busy: number
  /** Share of the nginx and wrk core used by nginx, 0 to 1. */
  readonly nginxBusy: number
  readonly upstreamRequests: number
  readonly residentBytes: number
}

export interface MeasureOptions {
  readonly server: RunningServer
  readonly verified: VerifiedQueries
  /** Input of wrk, see load.lua. */
  readonly loadFile: string
  readonly nginx: Nginx
  readonly core: number
  readonly clients: number
  readonly seconds: number
  readonly round: number
}

const MAX_SECONDS = 30

/** Requests in progress at the end have cost CPU time without a response, so their share must be small. */
const MIN_RESPONSES_PER_CLIENT = 4

/** Offset between the first requests of two rounds, so that rounds start with different requests. */
const REQUESTS_PER_ROUND = 37

/** Measures for the requested time, and longer if the server is too slow for enough responses. */
export async function measure(options: MeasureOptions): Promise<Sample> {
  const { server, verified, clients } = options
  const minRequests = MIN_RESPONSES_PER_CLIENT * clients
  const estimatedSeconds = Math.ceil((minRequests * verified.latencyMs) / 1_000)
  let seconds = Math.min(MAX_SECONDS, Math.max(options.seconds, estimatedSeconds))
  for (;;) {
    const { requests, sample } = await measureFor(seconds, options)
    if (requests >= minRequests || (seconds === MAX_SECONDS && requests > 0)) return sample
    if (seconds === MAX_SECONDS) {
      throw new Error(`${server.definition.name} sent no response to ${clients} clients within ${seconds} s.`)
    }
    seconds = Math.min(MAX_SECONDS, 3 * seconds)
  }
}

async function measureFor(seconds: number, options: MeasureOptions) {
  const { server, verified, loadFile, nginx, core, clients, round } = options
  const { pid } = server.process
  const firstRequest = (round * REQUESTS_PER_ROUND) % verified.requests.length
  await nginx.waitUntilIdle()
  const upstreamBefore = await nginx.requests()
  const [cpuBefore, nginxCpuBefore] = [cpuUs(pid), cpuUs(nginx.pid)]
  const result = await runWrk(server.url, loadFile, { clients, seconds, core, firstRequest })
  const [usedUs, nginxUsedUs] = [cpuUs(pid) - cpuBefore, cpuUs(nginx.pid) - nginxCpuBefore]
  const { requests, durationUs, p50Us, p99Us } = result
  const sample: Sample = {
    perSecond: (requests * 1e6) / durationUs,
    p50: p50Us,
    p99: p99Us,
    cpuUs: usedUs / requests,
    busy: usedUs / durationUs,
    nginxBusy: nginxUsedUs / durationUs,
    upstreamRequests: ((await nginx.requests()) - upstreamBefore) / requests,
    residentBytes: residentBytes(pid),
  }
  return { requests, sample }
}
