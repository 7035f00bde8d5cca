import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { atExit, startGateway } from '../trials/processes.ts'
import { ATTACKS, type Target } from './attacks.ts'
import type { Measurement } from './measure.ts'
import type { Delay } from './upstream.ts'

// Overload test: `npm run overload [-- --seconds N --minutes N NAME…]`. A gateway with default settings is attacked by each
// attack for N seconds, then by all attacks at the same time for N minutes. Meanwhile, a well-behaved client of another
// account sends 50 small queries a second. The exit code is 1 if the client keeps less than 80 % of its answers, if an
// attack raises the p95 of its answers above five times the idle value, or if the memory grows.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' }, minutes: { type: 'string', default: '15' } },
})
const ATTACK_MS = Number(values.seconds) * 1_000
const ALL_MS = Number(values.minutes) * 60_000
const MIN_ANSWERED_SHARE = 0.8
const MAX_P95_RATIO = 5
/** The remaining attacks keep all cores busy, so the times depend on the number of cores. */
const UNDELAYED = ['none', 'many upstream requests', 'invented credentials', 'hanging account', 'slow account']
const MAX_MEMORY_GROWTH = 0.15
const MEMORY_INTERVAL_MS = 1_000
const WARM_UP_MS = 3_000
/** The heap of the gateway, as in a small container. */
const NODE_OPTIONS = '--max-old-space-size=512'

const ROWS = 'test/fixtures/rows.json'
const { labels } = JSON.parse(readFileSync(ROWS, 'utf8')) as {
  labels: { accounts: Record<string, { sid: string; password: string }> }
}
const client = accountOf('conf50')
const upstream = forkScript('upstream.ts', [ROWS])
const [restcommUrl] = await once(upstream, 'message')
const setDelay = (delay: Delay) => void upstream.send(delay)
const authorization = `Basic ${Buffer.from(`${client.sid}:${client.password}`).toString('base64')}`

function forkScript(name: string, args: readonly string[]) {
  // JSON has no infinity, the time of a query without an answer.
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), args, { serialization: 'advanced' })
  atExit(() => child.kill('SIGKILL'))
  return child
}

function accountOf(label: string): Target['account'] {
  const account = labels.accounts[label]
  if (account === undefined) throw new Error(`${ROWS} has no account ${label}.`)
  return account
}

interface Result {
  readonly measurement: Measurement
  /** Resident memory of the gateway in MiB; empty if the gateway ended. */
  readonly memory: readonly number[]
  readonly log: readonly string[]
}

/** Starts a gateway, and runs the attacks and the measurement at the same time. */
async function run(attacks: typeof ATTACKS, milliseconds: number): Promise<Result> {
  await using cleanUp = new AsyncDisposableStack()
  const gateway = await startGateway({ env: { RESTCOMM_URL: restcommUrl, LOG_LEVEL: 'warn', NODE_OPTIONS } })
  cleanUp.defer(() => gateway.kill())
  const measuring = forkScript('measure.ts', [gateway.url, authorization])
  cleanUp.defer(() => void measuring.kill())
  const measure = async (durationMs: number): Promise<Measurement> => {
    measuring.send(durationMs)
    const [measurement] = await once(measuring, 'message')
    return measurement as Measurement
  }
  // Fills the caches and compiles the code.
  await measure(WARM_UP_MS)
  const controller = new AbortController()
  const start = ({ account, attack }: (typeof ATTACKS)[number]) =>
    attack({ url: gateway.url, setDelay, account: accountOf(account) }, controller.signal)
  const running = Promise.all(attacks.map(start))
  const memory: number[] = []
  const sampling = setInterval(() => memory.push(...residentMiB(gateway.pid)), MEMORY_INTERVAL_MS)
  await delay(1_000)
  const measurement = await measure(milliseconds)
  clearInterval(sampling)
  memory.push(...residentMiB(gateway.pid))
  controller.abort()
  await gateway.kill()
  await running
  return { measurement, memory, log: gateway.log }
}

/** Empty if the process has ended. */
function residentMiB(pid: number): number[] {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
    return [(Number(pages) * 4_096) / 1_048_576]
  } catch {
    return []
  }
}

function printRow(cells: readonly (string | number)[]): void {
  process.stdout.write(
    `| ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(11))).join(' | ')} |\n`,
  )
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
const failures: string[] = []
printRow(['attack', 'answered', 'p50 ms', 'p95 ms', 'p99 ms', 'health p99', 'max MiB'])
printRow(['---', '---', '---', '---', '---', '---', '---'])

let idleP95 = 0
function report(name: string, { measurement, memory, log }: Result): void {
  const { sent, answered, queryMs, healthMs } = measurement
  const times = [queryMs.p50, queryMs.p95, queryMs.p99, healthMs.p99].map(ms => ms.toFixed(1))
  printRow([name, `${answered}/${sent}`, ...times, Math.max(...memory).toFixed(0)])
  if (name === 'none') idleP95 = queryMs.p95
  const fail = (reason: string) => failures.push(`${name}: ${reason}`, ...log.slice(-5).map(line => `  log: ${line}`))
  if (answered < sent * MIN_ANSWERED_SHARE) fail(`${answered} of ${sent} queries were answered`)
  if (UNDELAYED.includes(name) && queryMs.p95 > idleP95 * MAX_P95_RATIO)
    fail(`p95 is ${(queryMs.p95 / idleP95).toFixed(1)} times the idle value`)
}

report('none', await run([], ATTACK_MS))
const attacks = ATTACKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
for (const attack of attacks) report(attack.name, await run([attack], ATTACK_MS))
if (ALL_MS > 0) {
  const all = await run(ATTACKS, ALL_MS)
  report('all at the same time', all)
  const third = Math.ceil(all.memory.length / 3)
  const before = median(all.memory.slice(third, 2 * third))
  const after = median(all.memory.slice(2 * third))
  process.stdout.write(
    `Memory: median ${before.toFixed(0)} MiB in the second third, ${after.toFixed(0)} in the last.\n`,
  )
  const growth = after / before - 1
  if (growth > MAX_MEMORY_GROWTH) failures.push(`the memory grew by ${(growth * 100).toFixed(0)} %`)
}
for (const failure of failures) process.stdout.write(`${failure}\n`)
process.stdout.write(failures.length === 0 ? 'passed\n' : 'FAILED\n')
process.exit(failures.length > 0 ? 1 : 0)
