import { execFileSync } from 'node:child_process'

/** Of the processes that it has started and that are still there. */
export const workersOf = (pid: number): readonly number[] => {
  try {
    return execFileSync('ps', ['--ppid', String(pid), '-o', 'pid=,stat='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(line => !line.includes('Z') && !line.includes('<'))
      .map(line => Number.parseInt(line, 10))
  } catch {
    // ps ends with 1 where it finds none.
    return []
  }
}
