import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

/** Loaded into a gateway before it begins, with `--expose-gc`: after a SIGUSR2 it collects and writes what is left. */

const file = process.env.BENCH_HEAP ?? ''

process.on('SIGUSR2', async () => {
  // What a collection frees may hold more by a finalizer, which runs afterwards.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await turn()
  }
  // Named when it is whole, so that nobody reads half of it.
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.part`, file)
})
