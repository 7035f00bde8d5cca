import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { ProcessHost } from './processHost.ts'
import { registerShutdown } from './shutdown.ts'

/** Starts the sandbox as the upstream of a gateway without RESTCOMM_URL. */
export async function startEmbeddedSandbox({ seed, speed }: Config['sandbox']) {
  const { simulateTraffic, demoCredentials, demoRows, startSandbox } = await import('../sandbox/index.ts')
  const sandbox = await startSandbox({ rows: demoRows(seed) })
  const traffic = speed > 0 ? simulateTraffic(sandbox.rows, { seed, speed }) : null
  return {
    url: sandbox.url,
    credentials: demoCredentials,
    close: () => {
      traffic?.stop()
      return sandbox.close()
    },
  }
}

const SHUTDOWN_TIMEOUT_MS = 12_000

interface SandboxFiles {
  /** If null, the sandbox serves the demo data. */
  readonly rows: string | null
  /** If null, the sandbox injects no failures. */
  readonly faults: string | null
}

export async function serveSandbox(files: SandboxFiles, port: number, host: ProcessHost): Promise<void> {
  const { demoCredentials, demoRows, FaultsError, parseFaults, parseRows, RowsError, startSandbox } = await import(
    '../sandbox/index.ts'
  )
  let file: string | null = null
  const readText = (name: string): string => {
    file = name
    return readFileSync(name, 'utf8')
  }
  try {
    const rows = files.rows === null ? demoRows() : parseRows(readText(files.rows))
    const faults = files.faults === null ? null : parseFaults(readText(files.faults))
    const sandbox = await startSandbox({ rows, port, ...(faults && { faults }) })
    const target = { startDraining: () => undefined, drain: () => sandbox.close() }
    registerShutdown(host, target, { delayMs: 0, timeoutMs: SHUTDOWN_TIMEOUT_MS })
    host.writeStdout(`Restcomm sandbox at ${sandbox.url}\n`)
    if (files.rows === null) {
      host.writeStdout(`  account   ${demoCredentials.accountSid}\n  token     ${demoCredentials.authToken}\n`)
    }
    if (files.faults !== null) host.writeStdout(`  faults    from ${files.faults}\n`)
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (error instanceof RowsError || error instanceof FaultsError) host.exitWithError(`${file}: ${error.message}`)
    else if (code === 'EADDRINUSE')
      host.exitWithError(`Cannot listen on port ${port}: the port is already in use; set --port to a free port.`)
    else if (code === 'ENOENT') host.exitWithError(`Cannot read ${file}: the file does not exist.`)
    else if (syscall === 'open' || syscall === 'read') host.exitWithError(`Cannot read ${file}: ${message}.`)
    else if (syscall === 'listen') host.exitWithError(`Cannot listen on port ${port}: ${message}.`)
    else throw error
  }
}
