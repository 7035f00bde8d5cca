import { join } from 'node:path'
import type { Data } from './data/rows.ts'
import { type Checked, check } from './measure/check.ts'
import { measure } from './measure/measure.ts'
import { load, writeLoad } from './measure/wrk.ts'
import type { Options } from './options.ts'
import { Results } from './results.ts'
import { ours } from './servers/house.ts'
import { type Running, run } from './servers/run.ts'
import type { ServerKind } from './servers/server.ts'
import type { Nginx, UpstreamName } from './upstream/nginx.ts'
import { questionsOf, type WorkloadName } from './workloads.ts'

export interface CompareOptions {
  readonly options: Options
  readonly kinds: readonly ServerKind[]
  readonly data: Data
  readonly nginx: Nginx
  readonly folder: string
  readonly say: (line: string) => void
}

/** A server that has answered a workload's questions right, and can be measured. */
interface Ready {
  readonly server: Running
  readonly checked: Checked
  readonly file: string
}

/** Measures every server under every load. Of what is compared, each is measured once before any is measured again. */
export const compare = async (all: CompareOptions): Promise<Results> => {
  const { options, kinds, nginx, folder, say } = all
  const results = new Results()
  for (const upstream of options.upstreams) {
    const upstreamUrl = nginx.urlOf(upstream)
    if (upstreamUrl === null) {
      say(`The ${upstream} upstream is left out: install libnginx-mod-http-echo for it.`)
      continue
    }
    const servers: Running[] = []
    for (const kind of kinds) {
      servers.push(await run(kind, { folder, core: options.cores.server, upstream, upstreamUrl }))
    }
    for (const workload of options.workloads) await compareBy(workload, upstream, servers, results, all)
    await Promise.all(servers.map(server => server.process.stop()))
  }
  return results
}

/**
 * Seconds. What counts is how a server runs that has run for a while: a large program takes longer until its functions
 * are compiled than a small one.
 */
const WARM_UP = 5

/** Characters: an answer that was wrong may be long. */
const REASON_LENGTH = 400

const compareBy = async (
  workload: WorkloadName,
  upstream: UpstreamName,
  servers: readonly Running[],
  results: Results,
  { options, data, nginx, folder, say }: CompareOptions,
): Promise<void> => {
  const { clients, seconds, rounds, cores, smoke } = options
  const able = servers.filter(({ kind }) => kind.workloads.includes(workload))
  /** Hours of measurements of the others are not to be lost with a server that fails, unless it is the one that all is for. */
  const unlessItFails = async <T>({ kind }: Running, of: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      if (kind === ours) throw error
      const reason = String(error).slice(0, REASON_LENGTH)
      results.leftOut.push({ server: kind.name, of, reason })
      say(`${kind.name} is left out of ${of}. ${reason}`)
      return null
    }
  }
  const prepare = async (server: Running): Promise<Ready> => {
    const checked = await check(server, workload, questionsOf(workload, data, data.busy.length), nginx)
    const file = join(folder, server.kind.name, `${workload}.load`)
    writeLoad(file, server.url, checked.requests, checked.answers)
    // A compiler that has seen little runs slowly, and the first round would be unlike the others.
    if (!smoke) await load(server.url, file, { clients: 32, seconds: WARM_UP, core: cores.load, from: 0 })
    return { server, checked, file }
  }
  const ready: Ready[] = []
  for (const server of able) {
    const each = await unlessItFails(server, `${workload} ${upstream}`, () => prepare(server))
    if (each !== null) ready.push(each)
  }
  for (const count of clients) {
    for (let round = 0; round < rounds; round++) {
      for (const { server, checked, file } of ready) {
        const cell = { server: server.kind.name, upstream, workload, clients: count }
        const how = { server, checked, file, nginx, core: cores.load, clients: count, seconds, round }
        const name = `${workload} ${upstream} ${count} clients`
        const sample = await unlessItFails(server, `a round of ${name}`, () => measure(how))
        if (sample === null) continue
        results.add(cell, sample, checked.upstreamRequests)
        const { perSecond, cpuUs, busy } = sample
        const figures = `${perSecond.toFixed(0)}/s, ${cpuUs.toFixed(0)} µs, ${(100 * busy).toFixed(0)} % busy`
        say(`${name}, ${server.kind.name}: ${figures}`)
      }
    }
  }
}
