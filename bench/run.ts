import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from './src/compare.ts'
import { writeAnswers } from './src/data/answers.ts'
import { createData } from './src/data/rows.ts'
import { HELP, type Options, readOptions } from './src/options.ts'
import { inScratch } from './src/process/scratch.ts'
import { goals } from './src/report/goals.ts'
import { report } from './src/report/report.ts'
import { other } from './src/servers/house.ts'
import { ON_REQUEST, SERVERS, SMOKE } from './src/servers/index.ts'
import { startNginx } from './src/upstream/nginx.ts'
import { installPrograms } from './src/upstream/programs.ts'

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const main = async (options: Options, folder: string): Promise<void> => {
  const asked = [...SERVERS, ...ON_REQUEST].filter(({ name }) => options.servers.includes(name))
  const kinds = options.other === null ? asked : [...asked, other(options.other)]
  if (options.servers.includes('ours')) execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore' })
  const data = createData(options.accounts)
  const answers = join(folder, 'answers')
  say(`${writeAnswers(answers, data)} answers in Restcomm's form.`)
  const nginx = await startNginx(join(folder, 'nginx'), answers, options.cores.load)
  const urls = { immediate: nginx.urlOf('immediate'), delayed: nginx.urlOf('delayed') }
  for (const kind of kinds) await kind.prepare?.(join(folder, kind.name), urls)
  const results = await compare({ options, kinds, data, nginx, folder, say })
  const reached = goals(results)
  const text = report({ results, goals: reached, options, kinds })
  process.stdout.write(text)
  mkdirSync(RESULTS, { recursive: true })
  const name = join(RESULTS, new Date().toISOString().replaceAll(':', '-'))
  writeFileSync(`${name}.json`, JSON.stringify({ options, goals: reached, cells: results.all }, null, 2))
  writeFileSync(`${name}.md`, text)
  say(`\nAlso in ${name}.md and .json.`)
  if (options.keep) keep(text)
  if (options.failOnGoals && reached.some(goal => goal.reached === false)) process.exitCode = 1
}

const HEADING = '## The last table\n'

/** It is the end of the README. */
const keep = (text: string): void => {
  const [before = ''] = readFileSync(README, 'utf8').split(HEADING)
  writeFileSync(README, `${before}${HEADING}\n${text}`)
}

const README = fileURLToPath(new URL('README.md', import.meta.url))
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const RESULTS = fileURLToPath(new URL('results/', import.meta.url))

if (process.argv.includes('--help')) {
  process.stdout.write(HELP)
} else {
  const all = SERVERS.map(({ name }) => name)
  const options = readOptions(process.argv.slice(2), { all, smoke: SMOKE, others: ON_REQUEST.map(({ name }) => name) })
  installPrograms(say)
  await inScratch(folder => main(options, folder))
}
