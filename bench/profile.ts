import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { writeAnswers } from './src/data/answers.ts'
import { createData } from './src/data/rows.ts'
import { check } from './src/measure/check.ts'
import { load, writeLoad } from './src/measure/wrk.ts'
import { readOptions } from './src/options.ts'
import { inScratch } from './src/process/scratch.ts'
import { cpuUs } from './src/process/usage.ts'
import { hotspots } from './src/profile/hotspots.ts'
import { figure, table } from './src/report/table.ts'
import { SERVERS } from './src/servers/index.ts'
import { run } from './src/servers/run.ts'
import type { ServerKind } from './src/servers/server.ts'
import { startNginx } from './src/upstream/nginx.ts'
import { installPrograms } from './src/upstream/programs.ts'
import { questionsOf } from './src/workloads.ts'

/** Shows what a server's processor time goes into, by workload. The profiles stay, to be opened with other tools. */

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const options = readOptions(process.argv.slice(2), { all: SERVERS.map(({ name }) => name), smoke: ['ours'] })
const SHOWN = 35

/** The same server, with a recorder in it. */
const recorded = (kind: ServerKind, file: string): ServerKind => ({
  ...kind,
  command: where => {
    const { command, args, env } = kind.command(where)
    return { command, args: ['--import', at('src/profile/recorder.ts'), ...args], env: { ...env, BENCH_PROFILE: file } }
  },
})

installPrograms(say)
const kinds = SERVERS.filter(({ name }) => options.servers.includes(name))
const results = at('results')
mkdirSync(results, { recursive: true })
await inScratch(async folder => {
  if (options.servers.includes('ours')) execFileSync('npm', ['run', 'build'], { cwd: at('..'), stdio: 'ignore' })
  const data = createData(options.accounts)
  const answers = join(folder, 'answers')
  writeAnswers(answers, data)
  const { cores, seconds } = options
  const nginx = await startNginx(join(folder, 'nginx'), answers, cores.load)
  const [upstream = 'immediate'] = options.upstreams
  const upstreamUrl = nginx.urlOf(upstream) ?? ''
  const [clients = 32] = options.clients.slice(-1)
  for (const kind of kinds) {
    for (const workload of options.workloads) {
      const file = join(results, `${kind.name}-${workload}.cpuprofile`)
      rmSync(file, { force: true })
      const server = await run(recorded(kind, file), { folder, core: cores.server, upstream, upstreamUrl })
      const { requests, answers } = await check(server, workload, questionsOf(workload, data, options.accounts), nginx)
      const loadFile = join(folder, 'load')
      writeLoad(loadFile, server.url, requests, answers)
      const how = { clients, core: cores.load, from: 0 }
      await load(server.url, loadFile, { ...how, seconds: 2 })
      await nginx.settled()
      process.kill(server.process.pid, 'SIGUSR2')
      await delay(200)
      const before = cpuUs(server.process.pid)
      const seen = await load(server.url, loadFile, { ...how, seconds })
      const used = cpuUs(server.process.pid) - before
      process.kill(server.process.pid, 'SIGUSR2')
      while (!existsSync(file)) await delay(50)
      await delay(500)
      await server.process.stop()
      const { functions, origins } = hotspots(JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile, used)
      const each = (time: number) => figure(time / seen.requests)
      say(`\n## ${kind.name} ${workload}: ${each(used)} µs of processor time for each of ${seen.requests} answers\n`)
      const rows = (spots: typeof functions) => spots.slice(0, SHOWN).map(({ name, selfUs }) => [name, each(selfUs)])
      say(`${table(['where', 'µs'], rows(origins))}\n\n${table(['function, by itself', 'µs'], rows(functions))}`)
    }
  }
})
