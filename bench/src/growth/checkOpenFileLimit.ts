import { openFileLimit } from '../process/openFileLimit.ts'

/** Number of files which a process opens besides WebSockets: upstream connections, modules and logs. */
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
