import { readFileSync } from 'node:fs'

/** Returns the PIDs of the running child processes. Without zombies, which have ended but were not awaited yet. */
export function workerPids(pid: number): readonly number[] {
  return (readProcess(`${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number).filter(isRunning)
}

export function isRunning(pid: number): boolean {
  const stat = readProcess(`${pid}/stat`)
  // The state follows the name, which is in parentheses and can contain spaces.
  return stat !== null && stat.slice(stat.lastIndexOf(')')).charAt(2) !== 'Z'
}

/** Returns null if the process has ended. */
function readProcess(file: string): string | null {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return null
  }
}
