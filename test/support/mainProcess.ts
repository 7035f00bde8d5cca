import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { recordOutput, registerSettings } from './secretScan.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of Node's compile cache, which saves a third of the CPU time of a start. */
export const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/compiled')

export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface MainProcess {
  readonly pid: number
  /** Waits for a match of `pattern` in stdout. Rejects if the process exits without a match. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for a match of `pattern` in stderr. Rejects if the process exits without a match. */
  waitForLog(pattern: RegExp): Promise<RegExpExecArray>
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
  const waitForMatch = async (stream: Readable, text: () => string, pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text())
      if (found !== null) return found
      if (Array.isArray(await Promise.race([exited, once(stream, 'data')]))) continue
      const late = pattern.exec(text())
      if (late !== null) return late
      throw new Error(`The process exited without printing ${pattern}:\n${stdout}${stderr}`)
    }
  }
  if (child.pid === undefined) throw new Error('The process could not be started.')
  return {
    pid: child.pid,
    waitForOutput: pattern => waitForMatch(child.stdout, () => stdout, pattern),
    waitForLog: pattern => waitForMatch(child.stderr, () => stderr, pattern),
    signal: name => child.kill(name),
    exited,
  }
}
