import { join } from 'node:path'
import type { TestData } from './data/testData.ts'
import { measure } from './measure/measure.ts'
import { type VerifiedQueries, verifyResponses } from './measure/verifyResponses.ts'
import { runWrk, writeLoadFile } from './measure/wrk.ts'
import type { Options } from './options.ts'
import { Results } from './results.ts'
import { ownServer } from './servers/ownServer.ts'
import type { ServerDefinition } from './servers/server.ts'
import { type RunningServer, startServer } from './servers/startServer.ts'
import type { Nginx, UpstreamName } from './upstream/nginx.ts'
import { type WorkloadName, workloadQueries } from './workloads.ts'

export interface CompareOptions {
  readonly options: Options
  readonly servers: readonly ServerDefinition[]
  readonly data: TestData
  readonly nginx: Nginx
  readonly folder: string
  readonly log: (line: string) => void
}

interface PreparedServer {
  readonly server: RunningServer
  readonly verified: VerifiedQueries
  readonly loadFile: string
}

/** Measures each server with each workload and number of clients. In each round, the servers take turns. */
export async function compare(compareOptions: CompareOptions): Promise<Results> {
  const { options, servers: definitions, nginx, folder, log } = compareOptions
  const results = new Results()
  for (const upstream of options.upstreams) {
    const upstreamUrl = nginx.urlOf(upstream)
    if (upstreamUrl === null) {
      log(`Skipping the ${upstream} upstream: libnginx-mod-http-echo is not installed.`)
      continue
    }
    const servers: RunningServer[] = []
    for (const definition of definitions) {
      servers.push(await startServer(definition, { folder, core: options.cores.server, upstream, upstreamUrl }))
    }
    for (const workload of options.workloads) {
      await compareWorkload(workload, upstream, servers, results, compareOptions)
    }
    await Promise.all(servers.map(server => server.process.stop()))
  }
  return results
}

/** V8 needs several seconds to compile the hot functions of large programs. */
const WARM_UP_SECONDS = 5
const WARM_UP_CLIENTS = 32

const MAX_REASON_CHARS = 400

async function compareWorkload(
  workload: WorkloadName,
  upstream: UpstreamName,
  servers: readonly RunningServer[],
  results: Results,
  { options, data, nginx, folder, log }: CompareOptions,
): Promise<void> {
  const { clients, seconds, rounds, cores, smoke } = options

  /** If `task` fails, excludes the server from `scope`. Rethrows an error of `ownServer`. */
  const excludeOnFailure = async <T>(
    { definition }: RunningServer,
    scope: string,
    task: () => Promise<T>,
  ): Promise<T | null> => {
    try {
      return await task()
    } catch (error) {
      if (definition === ownServer) throw error
      const reason = String(error).slice(0, MAX_REASON_CHARS)
      results.exclusions.push({ server: definition.name, scope, reason })
      log(`Excluding ${definition.name} from ${scope}. ${reason}`)
      return null
    }
  }

  const prepare = async (server: RunningServer): Promise<PreparedServer> => {
    const queries = workloadQueries(workload, data, data.runningAccounts.length)
    const verified = await verifyResponses(server, workload, queries, nginx)
    const loadFile = join(folder, server.definition.name, `${workload}.load`)
    writeLoadFile(loadFile, server.url, verified.requests, verified.responses)
    if (!smoke) {
      const load = { clients: WARM_UP_CLIENTS, seconds: WARM_UP_SECONDS, core: cores.load, firstRequest: 0 }
      await runWrk(server.url, loadFile, load)
    }
    return { server, verified, loadFile }
  }

  const preparedServers: PreparedServer[] = []
  for (const server of servers) {
    if (!server.definition.workloads.includes(workload)) continue
    const prepared = await excludeOnFailure(server, `${workload} ${upstream}`, () => prepare(server))
    if (prepared !== null) preparedServers.push(prepared)
  }
  for (const count of clients) {
    for (let round = 0; round < rounds; round++) {
      for (const { server, verified, loadFile } of preparedServers) {
        const { name } = server.definition
        const scope = `${workload} ${upstream} ${count} clients`
        const measureOptions = { server, verified, loadFile, nginx, core: cores.load, clients: count, seconds, round }
        const sample = await excludeOnFailure(server, `a round of ${scope}`, () => measure(measureOptions))
        if (sample === null) continue
        const cell = { server: name, upstream, workload, clients: count }
        results.add(cell, sample, verified.upstreamRequests)
        const { perSecond, cpuUs, busy } = sample
        const values = `${perSecond.toFixed(0)}/s, ${cpuUs.toFixed(0)} µs, ${(100 * busy).toFixed(0)} % busy`
        log(`${scope}, ${name}: ${values}`)
      }
    }
  }
}
