import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopAll } from './start.ts'

/** Gives a folder to work in. Afterwards, also when it is interrupted, nothing that was started here runs any more. */
export const inScratch = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'restcomm-graphql-bench-'))
  const leave = async () => {
    await stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
  let isInterrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true
      void leave().then(() => process.exit(1))
    })
  }
  try {
    await work(folder)
  } catch (error) {
    // What is asked of a server that has just been stopped fails, and that is no news.
    if (!isInterrupted) throw error
  } finally {
    await leave()
  }
}
