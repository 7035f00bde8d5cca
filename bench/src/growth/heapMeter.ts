import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'

// Preloaded into the gateway with `--expose-gc`. On SIGUSR2, collects garbage and writes the memory usage to a file.

const file = process.env.BENCH_HEAP ?? ''

process.on('SIGUSR2', async () => {
  // Finalizers run after a collection and may release objects for the next collection.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await eventLoopTurn()
  }
  // The complete file is renamed, so that the benchmark never reads a partial file.
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.part`, file)
})
