import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SETTING_NAMES } from '../src/config/settings.ts'

/** Starts a gateway with the given command, checks three responses, and stops the gateway. */

const [command, ...args] = process.argv.slice(2)
if (command === undefined)
  throw new Error(
    'No command given: expected the command that starts the gateway, for example `npm run smoke -- npm start`.',
  )

/** Settings of the developer's own gateway must not reach the tested gateway. */
const settingNames: ReadonlySet<string> = new Set(SETTING_NAMES)
const inheritedVariables = Object.entries(process.env).filter(
  ([name]) => !settingNames.has(name) && !name.startsWith('OTEL_'),
)
const env = { ...Object.fromEntries(inheritedVariables), PORT: '0' }

// `detached` creates a process group, so that `stop` can send a signal to npm and to the gateway.
const gateway = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
function stop() {
  if (gateway.pid !== undefined && gateway.exitCode === null) process.kill(-gateway.pid, 'SIGINT')
}
const timer = setTimeout(() => {
  process.stderr.write('The smoke test timed out after 60 s.\n')
  stop()
  process.exit(1)
}, 60_000)

async function waitForUrl(): Promise<URL> {
  for await (const line of createInterface(gateway.stdout)) {
    process.stdout.write(`${line}\n`)
    const found = /http:\S+\/graphql/.exec(line)
    if (found !== null) return new URL(found[0])
  }
  throw new Error('The gateway ended without printing its URL.')
}

function check(condition: boolean, expectation: string, actual: unknown): void {
  if (!condition) throw new Error(`Expected: ${expectation}. Received: ${JSON.stringify(actual)}.`)
  process.stdout.write(`  ${expectation}\n`)
}

try {
  const graphql = await waitForUrl()
  const health = await fetch(new URL('/health', graphql))
  check(health.status === 200, 'GET /health answers 200', health.status)

  const query = '{ viewer { sid } conferences(first: 3) { totalCount nodes { sid status } } }'
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(graphql, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const result = (await response.json()) as { data?: { conferences: { nodes: unknown[] } }; errors?: unknown }
  check(
    result.errors === undefined && result.data?.conferences.nodes.length === 3,
    'a query returns three conferences',
    result,
  )

  const page = await fetch(graphql, { headers: { accept: 'text/html' } })
  check((await page.text()).includes('<html'), 'GET /graphql with Accept: text/html returns GraphiQL', page.status)
} finally {
  clearTimeout(timer)
  stop()
}
