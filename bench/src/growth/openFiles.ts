import { openFiles } from '../process/openFiles.ts'

/** What a process opens beside its WebSockets: the connections to the sandbox, its modules, its log. */
const OTHERS = 500

/** Throws where a process may not open so many WebSockets. */
export const checkOpenFiles = (sockets: number): void => {
  const allowed = openFiles()
  const needed = sockets + OTHERS
  if (allowed >= needed) return
  throw new Error(
    `${sockets} WebSockets need ${needed} open files in each process, and ${allowed} are allowed here: raise the hard ` +
      `limit (ulimit -Hn ${needed}, or docker run --ulimit nofile=${needed}) and try again.`,
  )
}
