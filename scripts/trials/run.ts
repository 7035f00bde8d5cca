import { parseArgs } from 'node:util'
import { REPLICA_TRIALS } from './replicaTrials.ts'
import { headerRows, resultRow, type TrialResult } from './results.ts'
import { runReplicaTrial } from './runReplicaTrial.ts'
import { runWorkerTrial, WORKER_TRIAL_NAME } from './runWorkerTrial.ts'

// Long trials of several replicas and of the worker pool: `npm run trials [-- [--verbose] NAME…]`. Needs `redis-server`.
// The exit code is 1 if a trial fails. docs/operations.md describes the trials and records the results. The option
// `--verbose` prints the report of passed trials too.

const trials = new Map<string, () => Promise<TrialResult>>([
  ...REPLICA_TRIALS.map(trial => [trial.name, () => runReplicaTrial(trial)] as const),
  [WORKER_TRIAL_NAME, runWorkerTrial],
])

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const names = positionals.length > 0 ? positionals : [...trials.keys()]
const unknown = names.filter(name => !trials.has(name))
if (unknown.length > 0) {
  throw new Error(`Unknown trial ${unknown.join(', ')}: expected names of ${[...trials.keys()].join(', ')}.`)
}

const startMs = performance.now()
process.stdout.write(headerRows())
let failures = 0
for (const name of names) {
  try {
    const result = await trials.get(name)?.()
    if (result === undefined) continue
    process.stdout.write(resultRow(result))
    if (!result.isPassed) failures++
    if (result.isPassed && !values.verbose) continue
    for (const line of result.report) process.stdout.write(`  ${line}\n`)
  } catch (error) {
    failures++
    process.stdout.write(`${name} could not run: ${error instanceof Error ? error.stack : error}\n`)
  }
}
const minutes = ((performance.now() - startMs) / 60_000).toFixed(1)
process.stdout.write(`${names.length - failures} passed, ${failures} failed in ${minutes} minutes.\n`)
process.exit(failures > 0 ? 1 : 0)
