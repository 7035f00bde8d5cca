import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Host } from './host.ts'
import { onceStopped } from './shutdown.ts'

/** A Restcomm inside of this process, in which callers come and go, for a gateway that was given no other. */
export const startEmbedded = async ({ seed, speed }: Config['sandbox']) => {
  const { animate, demoCredentials, demoRows, startSandbox } = await import('../sandbox/index.ts')
  const sandbox = await startSandbox({ rows: demoRows(seed) })
  const animation = speed > 0 ? animate(sandbox.rows, { seed, speed }) : null
  return {
    url: sandbox.url,
    credentials: demoCredentials,
    close: () => {
      animation?.stop()
      return sandbox.close()
    },
  }
}

/** How long requests that are under way may take to end. Milliseconds. */
const STOPPING = 12_000

interface EmbeddedFiles {
  /** Of its rows; null for its own. */
  readonly rows: string | null
  /** Of how it fails; null where it does not. */
  readonly faults: string | null
}

/** Serves the embedded Restcomm alone until the process is told to stop. */
export const serveEmbedded = async (files: EmbeddedFiles, port: number, host: Host): Promise<void> => {
  const { demoCredentials, demoRows, FaultsError, parseFaults, parseRows, RowsError, startSandbox } = await import(
    '../sandbox/index.ts'
  )
  let file: string | null = null
  const textOf = (name: string): string => {
    file = name
    return readFileSync(name, 'utf8')
  }
  try {
    const rows = files.rows === null ? demoRows() : parseRows(textOf(files.rows))
    const faults = files.faults === null ? null : parseFaults(textOf(files.faults))
    const running = await startSandbox({ rows, port, ...(faults && { faults }) })
    const work = { retire: () => undefined, finish: () => running.close() }
    onceStopped(host, work, { delayMs: 0, timeoutMs: STOPPING })
    host.say(`An embedded Restcomm, at ${running.url}\n`)
    if (files.rows === null) {
      host.say(`  account   ${demoCredentials.accountSid}\n  token     ${demoCredentials.authToken}\n`)
    }
    if (files.faults !== null) host.say(`  faults    as ${files.faults} says\n`)
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (error instanceof RowsError || error instanceof FaultsError) host.fail(`${file}: ${error.message}`)
    else if (code === 'EADDRINUSE') host.fail(`Cannot listen on port ${port}: something else listens there already.`)
    else if (code === 'ENOENT') host.fail(`There is no file ${file}.`)
    else if (syscall === 'open' || syscall === 'read') host.fail(`Cannot read ${file}: ${message}.`)
    else if (syscall === 'listen') host.fail(`Cannot listen on port ${port}: ${message}.`)
    else throw error
  }
}
