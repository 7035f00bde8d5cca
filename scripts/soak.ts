import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

/*
 * Whether the memory of the gateway is flat: `npm run soak -- [--queries N] [--warm-up N]`.
 *
 * A gateway of its own process, before a sandbox of its own process, is asked 200,000 queries of many kinds: right ones,
 * wrong ones, such as the client gives up, subscriptions that are opened and closed. Its resident memory at the end must
 * be within 10 % of that after the first 20,000; more is a leak, and exit code 1.
 *
 * Resident memory is read from /proc while nothing is under way, as the median of several readings, after a garbage
 * collection that the process is made to do by a signal (scripts/collectGarbage.ts, preloaded). V8 gives memory back
 * late and in large pieces, so a single reading may be off by several MiB; the collection and the median even that out.
 * What is kept on purpose (parsed queries, final rows) is bounded and has been filled when the first reading is taken.
 */

const { values } = parseArgs({
  options: { queries: { type: 'string', default: '200000' }, 'warm-up': { type: 'string', default: '20000' } },
})
const QUERIES = Number(values.queries)
const WARM_UP = Number(values['warm-up'])
if (!(Number.isInteger(QUERIES) && Number.isInteger(WARM_UP) && 0 < WARM_UP && WARM_UP < QUERIES)) {
  throw new Error('--queries and --warm-up must be whole numbers, and the warm-up the smaller one.')
}
const CLIENTS = 32
const READINGS = 10
/** How much more memory at the end is no leak, as a share. */
const TOLERATED = 0.1

const children: ReturnType<typeof spawn>[] = []
const stopAll = () => {
  for (const child of children) child.kill('SIGKILL')
}
process.on('exit', stopAll)

/** Starts a process of the gateway's main, and gives what `pattern` finds in what it prints. */
const start = async (args: readonly string[], settings: Record<string, string>, pattern: RegExp) => {
  const env = { PATH: process.env.PATH ?? '', ...settings }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let text = ''
  for await (const line of createInterface(child.stdout)) {
    text += `${line}\n`
    const found = pattern.exec(text)
    if (found !== null && child.pid !== undefined) {
      child.stdout.resume()
      return { pid: child.pid, child, found }
    }
  }
  throw new Error(`It ended without printing ${pattern}.`)
}

const sandbox = await start(['src/main.ts', 'sandbox', '--rows', 'test/fixtures/rows.json'], {}, /at (http:\S+)\n/)
const gateway = await start(
  ['--expose-gc', '--import', './scripts/collectGarbage.ts', 'src/main.ts'],
  {
    PORT: '0',
    LOG_LEVEL: 'fatal',
    RESTCOMM_URL: sandbox.found[1] ?? '',
    LIVE_POLL_INTERVAL_MS: '200',
    LIVE_MAX_WATCHES_PER_CREDENTIAL: '1000',
  },
  /GraphQL\s+(http:\S+\/graphql)/,
)
const link = gateway.found[1] ?? ''

const { labels } = JSON.parse(readFileSync('test/fixtures/rows.json', 'utf8')) as {
  labels: { accounts: Record<string, { sid: string; password: string }>; conferences: Record<string, string> }
}
const accounts = ['conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf101', 'conf137', 'mix', 'part'].flatMap(
  label => labels.accounts[label] ?? [],
)
const rooms = Object.entries(labels.conferences)
const headerOf = ({ sid, password }: { sid: string; password: string }) =>
  `Basic ${Buffer.from(`${sid}:${password}`).toString('base64')}`

let counter = 0
const pick = <T>(from: readonly T[]): T => {
  const picked = from[counter++ % from.length]
  if (picked === undefined) throw new Error('There is nothing to pick from.')
  return picked
}

const QUERIES_OF_MANY_KINDS = [
  () => '{ viewer { sid friendlyName } }',
  () =>
    `{ conference(sid: "${pick(rooms)[1]}") { sid status participants(first: 3) { nodes { callSid call { from } } } } }`,
  () =>
    `{ conferences(first: ${1 + (counter % 40)}) { totalCount edges { cursor node { sid status } } pageInfo { hasNextPage } } }`,
  () =>
    `{ conferences(last: ${1 + (counter % 30)}, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }`,
  // Texts that no cache has seen.
  () => `query Q${counter} { a${counter}: viewer { sid } }`,
  () =>
    `{ nodes(ids: ["${Buffer.from(`Conference:${pick(accounts).sid}:${pick(rooms)[1]}`).toString('base64url')}"]) { id } }`,
  () => `{ conference(sid: "CF${String(counter).padStart(32, '0')}") { sid } }`,
  // Wrong ones.
  () => `{ nothing${counter} }`,
  () => `{ conference(sid: "${counter}") { sid } }`,
  () => '{ broken',
]

const tally = { answered: 0, errors: 0, cancelled: 0, subscriptions: 0 }

const ask = async (number: number): Promise<void> => {
  const authorization =
    number % 50 === 0
      ? `Basic ${Buffer.from(`${pick(accounts).sid}:${number}`).toString('base64')}`
      : headerOf(pick(accounts))
  const isSubscription = number % 100 === 1
  const isCancelled = number % 20 === 2
  const query = isSubscription ? 'subscription { conferencesChanged { sid } }' : pick(QUERIES_OF_MANY_KINDS)()
  const controller = new AbortController()
  if (isCancelled || isSubscription) setTimeout(() => controller.abort(), isCancelled ? number % 8 : 50)
  try {
    const response = await fetch(link, {
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
    if (text.includes('"errors"')) tally.errors++
    else tally.answered++
  } catch (cause) {
    if (isSubscription) tally.subscriptions++
    else if (isCancelled) tally.cancelled++
    else throw new Error('The gateway does not answer any more.', { cause })
  }
}

const residentMiB = (pid: number): number => {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return (Number(pages) * 4_096) / 1_048_576
}
const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

const measure = async (): Promise<number> => {
  const readings: number[] = []
  // Watches and connections of those that have gone are given up by now.
  await sleep(1_000)
  for (let i = 0; i < READINGS; i++) {
    gateway.child.kill('SIGUSR2')
    await sleep(200)
    readings.push(residentMiB(gateway.pid))
  }
  return readings.toSorted((a, b) => a - b)[READINGS >> 1] ?? 0
}

const row = (...cells: readonly (string | number)[]) =>
  process.stdout.write(`| ${cells.map(cell => String(cell).padStart(12)).join(' | ')} |\n`)

row('queries', 'RSS MiB', 'seconds')
row('---', '---', '---')
const began = performance.now()
const seconds = () => ((performance.now() - began) / 1_000).toFixed(0)
row(0, (await measure()).toFixed(1), seconds())
let next = 0
const askUntil = (end: number) =>
  Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (next < end) await ask(next++)
    }),
  )
await askUntil(WARM_UP)
const warm = await measure()
row(WARM_UP, warm.toFixed(1), seconds())
const STEPS = 4
let last = warm
for (let step = 1; step <= STEPS; step++) {
  const end = WARM_UP + Math.round(((QUERIES - WARM_UP) * step) / STEPS)
  await askUntil(end)
  last = await measure()
  row(end, last.toFixed(1), seconds())
}
const growth = last / warm - 1
const isFlat = growth <= TOLERATED
process.stdout.write(`${JSON.stringify(tally)}\n`)
process.stdout.write(
  `From ${WARM_UP} to ${QUERIES} queries resident memory grew by ${(growth * 100).toFixed(1)} %: ` +
    `${isFlat ? 'flat' : 'a leak'} (${TOLERATED * 100} % are tolerated).\n`,
)
process.exit(isFlat ? 0 : 1)
