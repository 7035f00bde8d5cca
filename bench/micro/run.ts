import { readFileSync, writeFileSync } from 'node:fs'
import { Bench } from 'tinybench'
import { figure, table } from '../src/report/table.ts'
import { BASELINE, CASES, type Case } from './cases.ts'

/** How much slower than recorded a function may be, beside what is measured in the same run. */
const TOLERANCE = 3
/** The quietest of several looks at a case says what it costs; the others say how busy the machine is. */
const ROUNDS = 5
const MILLISECONDS = 100

const RECORD = new URL('ratios.json', import.meta.url)
const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Readonly<Record<string, number>>

/** The median time of one call in the quietest round. Microseconds. */
const microseconds = async (cases: readonly Case[]): Promise<ReadonlyMap<string, number>> => {
  const least = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time: MILLISECONDS, warmupTime: MILLISECONDS / 2 })
    for (const { name, run } of cases) bench.add(name, () => run())
    await bench.run()
    for (const { name, result } of bench.tasks) {
      if (result.state !== 'completed') throw new Error(`${name} could not be measured.`)
      const time = result.latency.p50 * 1_000
      least.set(name, Math.min(time, least.get(name) ?? time))
    }
  }
  return least
}

const times = await microseconds([BASELINE, ...CASES])
const base = times.get(BASELINE.name) ?? Number.NaN
const ratios = CASES.map(({ name }) => ({ name, time: times.get(name) ?? Number.NaN })).map(({ name, time }) => ({
  name,
  time,
  ratio: time / base,
}))

if (process.argv.includes('--record')) {
  const record = Object.fromEntries(ratios.map(({ name, ratio }) => [name, Number(ratio.toPrecision(2))]))
  writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`)
}

process.stdout.write(`${BASELINE.name}: ${figure(base)} µs\n\n`)
const rows = ratios.map(({ name, time, ratio }) => [name, figure(time), figure(ratio), String(recorded[name] ?? '')])
process.stdout.write(`${table(['', 'µs', 'to the above', 'recorded'], rows)}\n`)

// A case without a record is one that nobody guards.
const slower = ratios.filter(({ name, ratio }) => !(ratio <= TOLERANCE * (recorded[name] ?? 0)))
if (slower.length > 0 && !process.argv.includes('--record')) {
  const names = slower.map(({ name }) => name).join('; ')
  process.stderr.write(`\nMore than ${TOLERANCE} times as slow as recorded, beside the same run's baseline: ${names}\n`)
  process.exitCode = 1
}
