import { readFileSync } from 'node:fs'

/** How many files a process may have open: this one, and what it starts. Node raises the limit for itself as far as it may. */
export const openFiles = (): number => {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}
