import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { recordOutput, registerSettings } from './secretScan.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of Node's compile cache, which saves a third of the CPU time of a start. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/compiled')

export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface MainProcess {
  readonly pid: number
  /** Waits for a match of `pattern` in stdout. Rejects if the process exits without a match. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<ProcessResult>
}

/** Runs `src/main.ts` with no settings except `settings`. Kills the process after the test. */
export function runMain(args: readonly string[], settings: Readonly<Record<string, string>> = {}): MainProcess {
  registerSettings(settings)
  const env = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: COMPILE_CACHE, ...settings }
  const child = spawn(process.execPath, ['src/main.ts', ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const exited = once(child, 'close').then(([code]): ProcessResult => {
    // The sandbox command prints the demo credentials on purpose, so the secret scan skips stdout.
    if (args[0] !== 'sandbox') recordOutput('stdout', stdout)
    recordOutput('stderr', stderr)
    return { code, stdout, stderr }
  })
  const waitForOutput = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(stdout)
      if (found !== null) return found
      if (Array.isArray(await Promise.race([exited, once(child.stdout, 'data')]))) continue
      const late = pattern.exec(stdout)
      if (late !== null) return late
      throw new Error(`The process exited without printing ${pattern}:\n${stdout}${stderr}`)
    }
  }
  if (child.pid === undefined) throw new Error('The process could not be started.')
  return { pid: child.pid, waitForOutput, signal: name => child.kill(name), exited }
}
