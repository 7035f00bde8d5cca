import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'

// Memory test: `npm run soak -- [--queries N] [--warm-up N]`. The gateway and a sandbox run in separate processes. The
// gateway receives valid and invalid queries, aborted requests and subscriptions. The warm-up fills the caches. If
// resident memory grows by more than 10 % after the warm-up, the exit code is 1. Each measurement is the median of
// several readings. A garbage collection precedes each reading.

const { values } = parseArgs({
  options: { queries: { type: 'string', default: '200000' }, 'warm-up': { type: 'string', default: '20000' } },
})
const QUERIES = Number(values.queries)
const WARM_UP_QUERIES = Number(values['warm-up'])
if (
  !(Number.isInteger(QUERIES) && Number.isInteger(WARM_UP_QUERIES) && 0 < WARM_UP_QUERIES && WARM_UP_QUERIES < QUERIES)
) {
  throw new Error(
    `Invalid options --queries ${values.queries} --warm-up ${values['warm-up']}: expected positive integers, with ` +
      '--warm-up less than --queries.',
  )
}
const CLIENTS = 32
const READINGS = 10
const MAX_GROWTH = 0.1

const children: ReturnType<typeof spawn>[] = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

async function start(args: readonly string[], settings: Record<string, string>, pattern: RegExp) {
  const env = { PATH: process.env.PATH ?? '', ...settings }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let text = ''
  for await (const line of createInterface(child.stdout)) {
    text += `${line}\n`
    const match = pattern.exec(text)
    if (match !== null && child.pid !== undefined) {
      child.stdout.resume()
      return { pid: child.pid, child, match }
    }
  }
  throw new Error(`node ${args.join(' ')} ended without printing ${pattern}.`)
}

const sandbox = await start(['src/main.ts', 'sandbox', '--rows', 'test/fixtures/rows.json'], {}, /(http:\S+)\n/)
const gateway = await start(
  ['--expose-gc', '--import', './scripts/collectGarbage.ts', 'src/main.ts'],
  {
    PORT: '0',
    LOG_LEVEL: 'fatal',
    RESTCOMM_URL: sandbox.match[1] ?? '',
    LIVE_POLL_INTERVAL_MS: '200',
    // A tenth of the watches for each set of credentials.
    LIVE_MAX_WATCHES: '10000',
  },
  /(http:\S+\/graphql)\s/,
)
const url = gateway.match[1] ?? ''

const { labels } = JSON.parse(readFileSync('test/fixtures/rows.json', 'utf8')) as {
  labels: { accounts: Record<string, { sid: string; password: string }>; conferences: Record<string, string> }
}
const accounts = ['conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf101', 'conf137', 'mix', 'part'].flatMap(
  label => labels.accounts[label] ?? [],
)
const conferences = Object.entries(labels.conferences)

function basicAuth(sid: string, password: string): string {
  return `Basic ${Buffer.from(`${sid}:${password}`).toString('base64')}`
}

let counter = 0
function pick<T>(items: readonly T[]): T {
  const item = items[counter++ % items.length]
  if (item === undefined) throw new Error('The list of items is empty.')
  return item
}

const QUERY_TEMPLATES = [
  () => '{ viewer { sid friendlyName } }',
  () =>
    `{ conference(sid: "${pick(conferences)[1]}") { sid status participants(first: 3) { nodes { callSid call { from } } } } }`,
  () =>
    `{ conferences(first: ${1 + (counter % 40)}) { totalCount edges { cursor node { sid status } } pageInfo { hasNextPage } } }`,
  () =>
    `{ conferences(last: ${1 + (counter % 30)}, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }`,
  // Each request has a different text, so that the cache of parsed queries must evict entries.
  () => `query Q${counter} { a${counter}: viewer { sid } }`,
  () =>
    `{ nodes(ids: ["${Buffer.from(`Conference:${pick(accounts).sid}:${pick(conferences)[1]}`).toString('base64url')}"]) { id } }`,
  () => `{ conference(sid: "CF${String(counter).padStart(32, '0')}") { sid } }`,
  () => `{ nothing${counter} }`,
  () => `{ conference(sid: "${counter}") { sid } }`,
  () => '{ broken',
]

const counts = { answered: 0, errors: 0, cancelled: 0, subscriptions: 0 }

async function sendRequest(number: number): Promise<void> {
  const { sid, password } = pick(accounts)
  const hasWrongPassword = number % 50 === 0
  const authorization = basicAuth(sid, hasWrongPassword ? String(number) : password)
  const isSubscription = number % 100 === 1
  const isCancelled = number % 20 === 2
  const query = isSubscription ? 'subscription { accountEvents { __typename } }' : pick(QUERY_TEMPLATES)()
  const controller = new AbortController()
  if (isCancelled || isSubscription) setTimeout(() => controller.abort(), isCancelled ? number % 8 : 50)
  try {
    const response = await fetch(url, {
      method: 'POST',
      signal: controller.signal,
      headers: {
        'content-type': 'application/json',
        accept: isSubscription ? 'text/event-stream' : 'application/json',
        authorization,
      },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    if (text.includes('"errors"')) counts.errors++
    else counts.answered++
  } catch (cause) {
    if (isSubscription) counts.subscriptions++
    else if (isCancelled) counts.cancelled++
    else throw new Error('The gateway stopped responding.', { cause })
  }
}

function residentMiB(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return (Number(pages) * 4_096) / 1_048_576
}

async function measureMiB(): Promise<number> {
  const readings: number[] = []
  // Gives the poll loops and connections of finished requests time to close.
  await delay(1_000)
  for (let i = 0; i < READINGS; i++) {
    gateway.child.kill('SIGUSR2')
    await delay(200)
    readings.push(residentMiB(gateway.pid))
  }
  return readings.toSorted((a, b) => a - b)[READINGS >> 1] ?? 0
}

function printRow(...cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.map(cell => String(cell).padStart(12)).join(' | ')} |\n`)
}

printRow('queries', 'RSS MiB', 'seconds')
printRow('---', '---', '---')
const startTime = performance.now()
const seconds = () => ((performance.now() - startTime) / 1_000).toFixed(0)
printRow(0, (await measureMiB()).toFixed(1), seconds())
let next = 0
async function sendUntil(end: number): Promise<void> {
  const client = async () => {
    while (next < end) await sendRequest(next++)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

await sendUntil(WARM_UP_QUERIES)
const warm = await measureMiB()
printRow(WARM_UP_QUERIES, warm.toFixed(1), seconds())
const STEPS = 4
let final = warm
for (let step = 1; step <= STEPS; step++) {
  const end = WARM_UP_QUERIES + Math.round(((QUERIES - WARM_UP_QUERIES) * step) / STEPS)
  await sendUntil(end)
  final = await measureMiB()
  printRow(end, final.toFixed(1), seconds())
}
const growth = final / warm - 1
const isFlat = growth <= MAX_GROWTH
process.stdout.write(`${JSON.stringify(counts)}\n`)
process.stdout.write(
  `Resident memory from request ${WARM_UP_QUERIES} to ${QUERIES}: ${(growth * 100).toFixed(1)} % growth ` +
    `(limit ${MAX_GROWTH * 100} %): ${isFlat ? 'flat' : 'leak'}.\n`,
)
process.exit(isFlat ? 0 : 1)
