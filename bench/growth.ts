import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkOpenFiles } from './src/growth/openFiles.ts'
import { paging } from './src/growth/paging.ts'
import { HEAD, type Shape, SUBSCRIPTIONS, subscriptions } from './src/growth/subscriptions.ts'
import { inScratch } from './src/process/scratch.ts'
import { table } from './src/report/table.ts'

/** What long lists and many subscribers cost this gateway, with the sandbox as its upstream. */

const SHAPES: readonly Shape[] = [
  {
    title: '10,000 WebSockets, 100 conferences, a look every 2 to 8 s',
    conferences: 100,
    sockets: 10_000,
    pollMs: 2_000,
    idleMs: 10_000,
  },
  {
    title: '100 WebSockets, 10,000 conferences, a look every 20 to 80 s',
    conferences: 10_000,
    sockets: 100,
    pollMs: 20_000,
    idleMs: 100_000,
  },
]

checkOpenFiles(SUBSCRIPTIONS)
await inScratch(async folder => {
  execFileSync('npm', ['run', 'build'], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'ignore' })
  process.stdout.write(`${await paging(folder)}\n\n`)
  const rows: string[][] = []
  for (const shape of SHAPES) rows.push(await subscriptions(folder, shape))
  process.stdout.write(`${table(HEAD, rows)}\n`)
})
