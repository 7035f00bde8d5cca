import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopAllProcesses } from './startProcess.ts'

/** Runs the task with a temporary folder. After the task or a signal, removes the folder and stops all processes. */
export async function withTempFolder(task: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'restcomm-graphql-bench-'))
  const cleanUp = async () => {
    await stopAllProcesses()
    rmSync(folder, { recursive: true, force: true })
  }
  let isInterrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true
      void cleanUp().then(() => process.exit(1))
    })
  }
  try {
    await task(folder)
  } catch (error) {
    // After a signal, the task fails because the servers are stopped, so the error is ignored.
    if (!isInterrupted) throw error
  } finally {
    await cleanUp()
  }
}
