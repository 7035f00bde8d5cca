import { execFileSync } from 'node:child_process'

/** Returns the PIDs of the child processes without zombies, which have the state `Z`. */
export function workerPids(pid: number): readonly number[] {
  try {
    return execFileSync('ps', ['--ppid', String(pid), '-o', 'pid=,stat='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(line => !line.includes('Z') && !line.includes('<'))
      .map(line => Number.parseInt(line, 10))
  } catch {
    // ps exits with code 1 if the process has no children.
    return []
  }
}
