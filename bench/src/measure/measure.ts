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

/** A single measurement of a cell. The property names appear as keys in the JSON files of results/. */
export interface Sample {
  readonly perSecond: number
  /** Median latency in microseconds. */
  readonly p50: number
  readonly p99: number
  readonly cpuUs: number
  /** Share of the CPU time of a core which the server used, 0 to 1. */
  readonly busy: number
  /** CPU time of nginx, divided by the duration. nginx and wrk share a core. */
  readonly nginxBusy: number
  readonly upstreamRequests: number
  readonly residentBytes: number
}

export interface MeasureOptions {
  readonly server: RunningServer
  readonly verified: VerifiedQueries
  /** Path of the file with the requests for wrk, in the format of load.lua. */
  readonly loadFile: string
  readonly nginx: Nginx
  readonly core: number
  readonly clients: number
  readonly seconds: number
  readonly round: number
}

const MAX_SECONDS = 30

/** Requests in progress at the end use CPU time without a response. Enough responses make the error small. */
const MIN_RESPONSES_PER_CLIENT = 4

/** Each round starts at a request further down the list, so that rounds start with different requests. */
const REQUESTS_PER_ROUND = 37

/** Measures for `seconds`. If the server sends too few responses, measures for up to `MAX_SECONDS`. */
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
