import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createData } from './src/data/testData.ts'
import { writeResponses } from './src/data/upstreamResponses.ts'
import { verifyResponses } from './src/measure/verifyResponses.ts'
import { runWrk, writeLoadFile } from './src/measure/wrk.ts'
import { readOptions } from './src/options.ts'
import { cpuUs } from './src/process/resourceUsage.ts'
import { withTempFolder } from './src/process/tempFolder.ts'
import { findHotspots, type Hotspot } from './src/profile/hotspots.ts'
import { formatNumber, table } from './src/report/table.ts'
import { SERVERS } from './src/servers/index.ts'
import type { ServerDefinition } from './src/servers/server.ts'
import { startServer } from './src/servers/startServer.ts'
import { startNginx } from './src/upstream/nginx.ts'
import { installPrograms } from './src/upstream/programs.ts'
import { workloadQueries } from './src/workloads.ts'

// Prints the CPU time by function for each server and workload, and keeps the .cpuprofile files in results/.

const SHOWN_FUNCTIONS = 35
const WARM_UP_SECONDS = 2
/** Waiting time after SIGUSR2 for the start of the profiler. */
const PROFILER_START_MS = 200
/** Waiting time from the appearance of the profile file to the complete file. */
const PROFILE_WRITE_MS = 500

const options = readOptions(process.argv.slice(2), { all: SERVERS.map(({ name }) => name), smoke: ['ours'] })
installPrograms(log)
const servers = SERVERS.filter(({ name }) => options.servers.includes(name))
const results = pathOf('results')
mkdirSync(results, { recursive: true })
await withTempFolder(async folder => {
  if (options.servers.includes('ours')) execFileSync('npm', ['run', 'build'], { cwd: pathOf('..'), stdio: 'ignore' })
  const data = createData(options.accounts)
  const responseFolder = join(folder, 'responses')
  writeResponses(responseFolder, data)
  const { cores, seconds } = options
  const nginx = await startNginx(join(folder, 'nginx'), responseFolder, cores.load)
  const [upstream = 'immediate'] = options.upstreams
  const upstreamUrl = nginx.urlOf(upstream) ?? ''
  const [clients = 32] = options.clients.slice(-1)
  for (const definition of servers) {
    for (const workload of options.workloads) {
      const file = join(results, `${definition.name}-${workload}.cpuprofile`)
      rmSync(file, { force: true })
      const profiled = withRecorder(definition, file)
      const server = await startServer(profiled, { folder, core: cores.server, upstream, upstreamUrl })
      const { pid } = server.process
      const queries = workloadQueries(workload, data, options.accounts)
      const { requests, responses } = await verifyResponses(server, workload, queries, nginx)
      const loadFile = join(folder, 'load')
      writeLoadFile(loadFile, server.url, requests, responses)
      const load = { clients, core: cores.load, firstRequest: 0 }
      await runWrk(server.url, loadFile, { ...load, seconds: WARM_UP_SECONDS })
      await nginx.waitUntilIdle()
      process.kill(pid, 'SIGUSR2')
      await delay(PROFILER_START_MS)
      const cpuUsBefore = cpuUs(pid)
      const result = await runWrk(server.url, loadFile, { ...load, seconds })
      const usedUs = cpuUs(pid) - cpuUsBefore
      process.kill(pid, 'SIGUSR2')
      while (!existsSync(file)) await delay(50)
      await delay(PROFILE_WRITE_MS)
      await server.process.stop()
      const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile
      const { functions, origins } = findHotspots(profile, usedUs)
      const perResponse = (us: number) => formatNumber(us / result.requests)
      const rows = (hotspots: readonly Hotspot[]) =>
        hotspots.slice(0, SHOWN_FUNCTIONS).map(({ name, selfUs }) => [name, perResponse(selfUs)])
      log(
        `\n## ${definition.name} ${workload}: ${perResponse(usedUs)} µs of CPU time per response, ` +
          `${result.requests} responses\n`,
      )
      log(`${table(['origin', 'µs'], rows(origins))}\n\n${table(['function, self time', 'µs'], rows(functions))}`)
    }
  }
})

function withRecorder(definition: ServerDefinition, file: string): ServerDefinition {
  return {
    ...definition,
    command: context => {
      const { command, args, env } = definition.command(context)
      return {
        command,
        args: ['--import', pathOf('src/profile/recorder.ts'), ...args],
        env: { ...env, BENCH_PROFILE: file },
      }
    },
  }
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

function log(line: string): void {
  process.stdout.write(`${line}\n`)
}
