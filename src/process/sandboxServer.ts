import { readFileSync } from 'node:fs'
import { exitWithError, registerShutdown } from './shutdown.ts'

interface SandboxOptions {
  /** File name. If null, the sandbox serves the demo data. */
  readonly rows: string | null
  /** File name. If null, the sandbox injects no failures. */
  readonly faults: string | null
  readonly port: number
  /** Seed of the demo data and of the simulated callers. */
  readonly seed: number
  /** Speed of the simulated callers relative to real time; 0 for none. */
  readonly speed: number
}

const DEMO: SandboxOptions = { rows: null, faults: null, port: 0, seed: 1, speed: 1 }
const SHUTDOWN_TIMEOUT_MS = 12_000

/** Starts the sandbox with simulated callers; by default as the upstream of a gateway without RESTCOMM_URL. */
export async function startSandboxServer(
  { rows, faults, port, seed, speed }: SandboxOptions = DEMO,
  readFile = (name: string) => readFileSync(name, 'utf8'),
) {
  const { demoCredentials, demoRows, parseFaults, parseRows, simulateTraffic, startSandbox } = await import(
    '../sandbox/index.ts'
  )
  const sandbox = await startSandbox({
    rows: rows === null ? demoRows(seed) : parseRows(readFile(rows)),
    ...(faults !== null && { faults: parseFaults(readFile(faults)) }),
    port,
  })
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

/** Runs only the sandbox, until a signal. */
export async function serveSandbox(options: SandboxOptions): Promise<void> {
  const { FaultsError, RowsError } = await import('../sandbox/index.ts')
  const { rows, faults, port } = options
  let file: string | null = null
  try {
    const { url, credentials, close } = await startSandboxServer(options, name => {
      file = name
      return readFileSync(name, 'utf8')
    })
    registerShutdown({ delayMs: 0, timeoutMs: SHUTDOWN_TIMEOUT_MS, drain: close, log: null })
    process.stdout.write(`Restcomm sandbox at ${url}\n`)
    if (rows === null) {
      process.stdout.write(`  account   ${credentials.accountSid}\n  token     ${credentials.authToken}\n`)
    }
    if (faults !== null) process.stdout.write(`  faults    from ${faults}\n`)
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    const listenReason = code === 'EADDRINUSE' ? 'the port is already in use; set --port to a free port' : message
    const readReason = code === 'ENOENT' ? 'the file does not exist' : message
    if (error instanceof RowsError || error instanceof FaultsError) exitWithError(`${file}: ${message}`)
    else if (syscall === 'listen') exitWithError(`Cannot listen on port ${port}: ${listenReason}.`)
    else if (syscall === 'open' || syscall === 'read') exitWithError(`Cannot read ${file}: ${readReason}.`)
    else throw error
  }
}
