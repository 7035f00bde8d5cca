import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkOpenFileLimit } from './src/growth/checkOpenFileLimit.ts'
import { measurePaging } from './src/growth/paging.ts'
import { measureSubscriptions, type Scenario, SUBSCRIPTION_HEAD, SUBSCRIPTIONS } from './src/growth/subscriptions.ts'
import { withTempFolder } from './src/process/tempFolder.ts'
import { table } from './src/report/table.ts'

// Measures CPU time and memory of the gateway with long lists and with many subscribers. The upstream is a sandbox.

const SCENARIOS: readonly Scenario[] = [
  {
    title: '10,000 WebSockets, 100 conferences, polled every 2 to 8 s',
    conferences: 100,
    sockets: 10_000,
    pollMs: 2_000,
    idleMs: 10_000,
  },
  {
    title: '100 WebSockets, 10,000 conferences, polled every 20 to 80 s',
    conferences: 10_000,
    sockets: 100,
    pollMs: 20_000,
    idleMs: 100_000,
  },
]

checkOpenFileLimit(SUBSCRIPTIONS)
await withTempFolder(async folder => {
  execFileSync('npm', ['run', 'build'], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'ignore' })
  process.stdout.write(`${await measurePaging(folder)}\n\n`)
  const rows: string[][] = []
  for (const scenario of SCENARIOS) rows.push(await measureSubscriptions(folder, scenario))
  process.stdout.write(`${table(SUBSCRIPTION_HEAD, rows)}\n`)
})
