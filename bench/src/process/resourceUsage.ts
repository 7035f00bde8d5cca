import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, the unit of /proc/PID/stat, is 100 per second on Linux. */
const TICK_US = 10_000

/** User and system CPU time of a process and its descendants so far. */
export function cpuUs(pid: number): number {
  return [pid, ...descendants(pid)].map(ownCpuUs).reduce((sum, us) => sum + us, 0)
}

function ownCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program name may contain spaces and parentheses; the fields start after the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap(child => [child, ...descendants(child)])
}

/** Resident memory of a process and all descendants. */
export function residentBytes(pid: number): number {
  return [pid, ...descendants(pid)].map(ownResidentBytes).reduce((sum, bytes) => sum + bytes, 0)
}

function ownResidentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1_024
}
