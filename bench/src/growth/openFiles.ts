import { readFileSync } from 'node:fs'

/** What a process opens beside its WebSockets: the connections to the sandbox, its modules, its log. */
const OTHERS = 500

/**
 * Throws where a process may not open so many WebSockets. Node raises the limit for itself as far as it may, and what it
 * starts gets the same.
 */
export const checkOpenFiles = (sockets: number): void => {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  const allowed = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  const needed = sockets + OTHERS
  if (allowed >= needed) return
  throw new Error(
    `${sockets} WebSockets need ${needed} open files in each process, and ${allowed} are allowed here: raise the hard ` +
      `limit (ulimit -Hn ${needed}, or docker run --ulimit nofile=${needed}) and try again.`,
  )
}
