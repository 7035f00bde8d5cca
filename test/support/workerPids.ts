import { execFileSync } from 'node:child_process'

/** The PIDs of the living child processes. */
export function workerPids(pid: number): readonly number[] {
  try {
    return execFileSync('ps', ['--ppid', String(pid), '-o', 'pid=,stat='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(line => !line.includes('Z') && !line.includes('<'))
      .map(line => Number.parseInt(line, 10))
  } catch {
    // ps exits with 1 without a match.
    return []
  }
}
