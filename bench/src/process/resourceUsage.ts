import { readdirSync, readFileSync } from 'node:fs'

/** /proc/PID/stat contains CPU times in ticks. Linux counts 100 ticks per second. */
const TICK_US = 10_000

/** Returns the user and system CPU time which a process and all descendants have used so far. */
export function cpuUs(pid: number): number {
  return [pid, ...descendants(pid)].map(ownCpuUs).reduce((sum, us) => sum + us, 0)
}

function ownCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program name may contain spaces and `)`. After the last `)`, field 11 is user time and field 12 system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap(child => [child, ...descendants(child)])
}

/** Returns the resident memory of a process and all descendants. */
export function residentBytes(pid: number): number {
  return [pid, ...descendants(pid)].map(ownResidentBytes).reduce((sum, bytes) => sum + bytes, 0)
}

function ownResidentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1_024
}
