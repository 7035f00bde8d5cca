import { readFileSync, writeFileSync } from 'node:fs'
import { Bench } from 'tinybench'
import { formatNumber, table } from '../src/report/table.ts'
import { BASELINE, CASES, type Case } from './cases.ts'

/** Limit for the ratio of a case, as a multiple of the recorded ratio. */
const MAX_SLOWDOWN = 3
/** Only the fastest round counts, because slower rounds also measure the load of unrelated processes. */
const ROUNDS = 5
const ROUND_MS = 100

const RATIOS_FILE = new URL('ratios.json', import.meta.url)
const recorded = JSON.parse(readFileSync(RATIOS_FILE, 'utf8')) as Readonly<Record<string, number>>

async function measureUs(cases: readonly Case[]): Promise<ReadonlyMap<string, number>> {
  const fastest = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time: ROUND_MS, warmupTime: ROUND_MS / 2 })
    for (const { name, run } of cases) bench.add(name, () => run())
    await bench.run()
    for (const { name, result } of bench.tasks) {
      if (result.state !== 'completed') {
        throw new Error(`The measurement of "${name}" ended in state "${result.state}".`)
      }
      const timeUs = result.latency.p50 * 1_000
      fastest.set(name, Math.min(timeUs, fastest.get(name) ?? timeUs))
    }
  }
  return fastest
}

const timesUs = await measureUs([BASELINE, ...CASES])
const baselineUs = timesUs.get(BASELINE.name) ?? Number.NaN
const ratios = CASES.map(({ name }) => ({ name, time: timesUs.get(name) ?? Number.NaN })).map(({ name, time }) => ({
  name,
  time,
  ratio: time / baselineUs,
}))

if (process.argv.includes('--record')) {
  const record = Object.fromEntries(ratios.map(({ name, ratio }) => [name, Number(ratio.toPrecision(2))]))
  writeFileSync(RATIOS_FILE, `${JSON.stringify(record, null, 2)}\n`)
}

process.stdout.write(`${BASELINE.name}: ${formatNumber(baselineUs)} µs\n\n`)
const rows = ratios.map(({ name, time, ratio }) => [
  name,
  formatNumber(time),
  formatNumber(ratio),
  String(recorded[name] ?? ''),
])
process.stdout.write(`${table(['function', 'µs', 'ratio', 'recorded ratio'], rows)}\n`)

// A function without a recorded ratio counts as too slow.
const tooSlow = ratios.filter(({ name, ratio }) => !(ratio <= MAX_SLOWDOWN * (recorded[name] ?? 0)))
if (tooSlow.length > 0 && !process.argv.includes('--record')) {
  const names = tooSlow.map(({ name }) => name).join('; ')
  process.stderr.write(`\nMore than ${MAX_SLOWDOWN} times the recorded ratio: ${names}\n`)
  process.exitCode = 1
}
