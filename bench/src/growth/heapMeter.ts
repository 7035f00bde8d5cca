import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'

// Node imports this file into the gateway. On SIGUSR2, the gateway collects garbage and saves the memory usage.

const file = process.env.BENCH_HEAP ?? ''

process.on('SIGUSR2', async () => {
  // A single collection is not enough: finalizers run after a collection and can release more objects.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await eventLoopTurn()
  }
  // The final name appears only with the complete file, so the benchmark never reads a partial file.
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.part`, file)
})
