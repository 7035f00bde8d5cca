import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { paging } from './src/growth/paging.ts'
import { subscriptions } from './src/growth/subscriptions.ts'
import { inScratch } from './src/process/scratch.ts'
import { table } from './src/report/table.ts'

/** What long lists and many subscribers cost this gateway, with the sandbox as its upstream. */

const SHAPES = [
  { title: '10,000 WebSockets, 100 conferences', conferences: 100, sockets: 10_000, pollMs: 2_000 },
  { title: '100 WebSockets, 10,000 conferences, a look a minute', conferences: 10_000, sockets: 100, pollMs: 60_000 },
]

await inScratch(async folder => {
  execFileSync('npm', ['run', 'build'], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'ignore' })
  process.stdout.write(`${await paging(folder)}\n\n`)
  const rows: string[][] = []
  for (const shape of SHAPES) rows.push(await subscriptions(folder, shape))
  const head = ['10,000 idle subscriptions', 'MB before', 'MB with them', 'of a core']
  process.stdout.write(`${table(head, rows)}\n`)
})
