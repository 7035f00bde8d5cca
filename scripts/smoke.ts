import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SETTING_NAMES } from '../src/config/settings.ts'

/** Starts a gateway by the command that is given, asks it what a first user would, and stops it. */

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('Give the command that starts the gateway.')

/** A setting of the machine's own would make it another gateway than the one that is meant. */
const settings: ReadonlySet<string> = new Set(SETTING_NAMES)
const ownEnvironment = Object.entries(process.env).filter(([name]) => !settings.has(name))
const env = { ...Object.fromEntries(ownEnvironment), PORT: '0' }

// A group of its own: npm does not pass every signal on to what it has started.
const gateway = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
const stop = () => {
  if (gateway.pid !== undefined && gateway.exitCode === null) process.kill(-gateway.pid, 'SIGINT')
}
const timer = setTimeout(() => {
  process.stderr.write('The gateway took more than a minute.\n')
  stop()
  process.exit(1)
}, 60_000)

const link = async (): Promise<URL> => {
  for await (const line of createInterface(gateway.stdout)) {
    process.stdout.write(`${line}\n`)
    const found = /http:\S+\/graphql/.exec(line)
    if (found !== null) return new URL(found[0])
  }
  throw new Error('The gateway ended, or never told where it serves.')
}

const expect = (holds: boolean, what: string, answer: unknown): void => {
  if (!holds) throw new Error(`${what}, and not ${JSON.stringify(answer)}.`)
  process.stdout.write(`  ${what}\n`)
}

try {
  const graphql = await link()
  const health = await fetch(new URL('/health', graphql))
  expect(health.status === 200, 'GET /health answers 200', health.status)

  const query = '{ viewer { sid } conferences(first: 3) { totalCount nodes { sid status } } }'
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(graphql, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const answer = (await response.json()) as { data?: { conferences: { nodes: unknown[] } }; errors?: unknown }
  expect(answer.errors === undefined && answer.data?.conferences.nodes.length === 3, 'three conferences come', answer)

  const page = await fetch(graphql, { headers: { accept: 'text/html' } })
  expect((await page.text()).includes('<html'), 'a browser gets GraphiQL', page.status)
} finally {
  clearTimeout(timer)
  stop()
}
