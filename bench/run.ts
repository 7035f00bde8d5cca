import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from './src/compare.ts'
import { createData } from './src/data/testData.ts'
import { writeResponses } from './src/data/upstreamResponses.ts'
import { HELP, type Options, readOptions } from './src/options.ts'
import { withTempFolder } from './src/process/tempFolder.ts'
import { evaluateGoals } from './src/report/goals.ts'
import { report } from './src/report/report.ts'
import { OPTIONAL_SERVERS, SERVERS, SMOKE_SERVER_NAMES } from './src/servers/index.ts'
import { otherBuild } from './src/servers/ownServer.ts'
import { startNginx } from './src/upstream/nginx.ts'
import { installPrograms } from './src/upstream/programs.ts'

const README = fileURLToPath(new URL('README.md', import.meta.url))
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const RESULTS = fileURLToPath(new URL('results/', import.meta.url))

/** The last heading of README.md. `--keep` replaces the text below this heading. */
const RESULTS_HEADING = '## Results\n'

if (process.argv.includes('--help')) {
  process.stdout.write(HELP)
} else {
  const all = SERVERS.map(({ name }) => name)
  const optional = OPTIONAL_SERVERS.map(({ name }) => name)
  const options = readOptions(process.argv.slice(2), { all, smoke: SMOKE_SERVER_NAMES, optional })
  installPrograms(log)
  await withTempFolder(folder => main(options, folder))
}

async function main(options: Options, folder: string): Promise<void> {
  const selected = [...SERVERS, ...OPTIONAL_SERVERS].filter(({ name }) => options.servers.includes(name))
  const servers = options.other === null ? selected : [...selected, otherBuild(options.other)]
  if (options.servers.includes('ours')) execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore' })
  const data = createData(options.accounts)
  const responses = join(folder, 'responses')
  log(`Wrote ${writeResponses(responses, data)} upstream responses.`)
  const nginx = await startNginx(join(folder, 'nginx'), responses, options.cores.load)
  const urls = { immediate: nginx.urlOf('immediate'), delayed: nginx.urlOf('delayed') }
  for (const server of servers) await server.prepare?.(join(folder, server.name), urls)
  const results = await compare({ options, servers, data, nginx, folder, log })
  const goals = evaluateGoals(results)
  const text = report({ results, goals, options, servers })
  process.stdout.write(text)
  mkdirSync(RESULTS, { recursive: true })
  const name = join(RESULTS, new Date().toISOString().replaceAll(':', '-'))
  writeFileSync(`${name}.json`, JSON.stringify({ options, goals, cells: results.all }, null, 2))
  writeFileSync(`${name}.md`, text)
  log(`\nResults: ${name}.md and ${name}.json`)
  if (options.keep) replaceResults(text)
  if (options.failOnGoals && goals.some(({ reached }) => reached === false)) process.exitCode = 1
}

function replaceResults(text: string): void {
  const [before = ''] = readFileSync(README, 'utf8').split(RESULTS_HEADING)
  writeFileSync(README, `${before}${RESULTS_HEADING}\n${text}`)
}

function log(line: string): void {
  process.stderr.write(`${line}\n`)
}
