import { openFileLimit } from '../process/openFileLimit.ts'

/** Upstream connections, modules and log files of a process. */
const OTHER_FILES = 500

export function checkOpenFileLimit(sockets: number): void {
  const allowed = openFileLimit()
  const needed = sockets + OTHER_FILES
  if (allowed >= needed) return
  throw new Error(
    `${sockets} WebSockets need ${needed} open files per process, but the limit is ${allowed}: raise the hard limit ` +
      `(ulimit -Hn ${needed}, or docker run --ulimit nofile=${needed}).`,
  )
}
