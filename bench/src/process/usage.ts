import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second here, whatever the machine. Microseconds. */
const TICK_US = 10_000

/** The processor time that a process has used so far, in its own code and in the kernel's for it. Microseconds. */
export const cpuUs = (pid: number): number => [pid, ...descendants(pid)].map(cpuOf).reduce((sum, own) => sum + own, 0)

const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program may hold anything, and ends with the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

const descendants = (pid: number): number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap(child => [child, ...descendants(child)])
}

/** What a process holds in memory now. Bytes. */
export const residentBytes = (pid: number): number =>
  [pid, ...descendants(pid)].map(residentOf).reduce((sum, own) => sum + own, 0)

const residentOf = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1_024
}
