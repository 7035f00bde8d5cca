import { readFileSync } from 'node:fs'
import { exitWithError, registerShutdown } from './shutdown.ts'

const DEMO_SEED = 1

/** Starts the sandbox as the upstream of a gateway without RESTCOMM_URL. Simulates callers in real time. */
export async function startEmbeddedSandbox() {
  const { simulateTraffic, demoCredentials, demoRows, startSandbox } = await import('../sandbox/index.ts')
  const sandbox = await startSandbox({ rows: demoRows(DEMO_SEED) })
  const traffic = simulateTraffic(sandbox.rows, { seed: DEMO_SEED, speed: 1 })
  return {
    url: sandbox.url,
    credentials: demoCredentials,
    close: () => {
      traffic.stop()
      return sandbox.close()
    },
  }
}

const SHUTDOWN_TIMEOUT_MS = 12_000

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

/** Runs only the sandbox, until a signal. */
export async function serveSandbox({ rows, faults, port, seed, speed }: SandboxOptions): Promise<void> {
  const { demoCredentials, demoRows, FaultsError, parseFaults, parseRows, RowsError, simulateTraffic, startSandbox } =
    await import('../sandbox/index.ts')
  let file: string | null = null
  const readFile = (name: string): string => {
    file = name
    return readFileSync(name, 'utf8')
  }
  try {
    const sandbox = await startSandbox({
      rows: rows === null ? demoRows(seed) : parseRows(readFile(rows)),
      ...(faults !== null && { faults: parseFaults(readFile(faults)) }),
      port,
    })
    const traffic = speed > 0 ? simulateTraffic(sandbox.rows, { seed, speed }) : null
    const drain = () => {
      traffic?.stop()
      return sandbox.close()
    }
    registerShutdown({ delayMs: 0, timeoutMs: SHUTDOWN_TIMEOUT_MS, drain, log: null })
    process.stdout.write(`Restcomm sandbox at ${sandbox.url}\n`)
    if (rows === null) {
      process.stdout.write(`  account   ${demoCredentials.accountSid}\n  token     ${demoCredentials.authToken}\n`)
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
