import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'

// Node imports this file into the gateway. On SIGUSR2, the gateway collects garbage and saves the memory usage.

const file = process.env.BENCH_HEAP ?? ''

process.on('SIGUSR2', async () => {
  // Finalizers run after a collection and may release further objects, so a single collection is not enough.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await eventLoopTurn()
  }
  // The file gets its final name when complete, so that the benchmark never reads a partial file.
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.part`, file)
})
