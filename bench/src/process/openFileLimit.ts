import { readFileSync } from 'node:fs'

/** Open files allowed per process; child processes inherit the limit. Node raises the soft limit to the hard limit. */
export function openFileLimit(): number {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}
