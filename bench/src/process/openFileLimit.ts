import { readFileSync } from 'node:fs'

/** Returns the soft limit of open files, which child processes inherit. Node raises it to the hard limit at start. */
export function openFileLimit(): number {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}
