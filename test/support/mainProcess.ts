import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { keepWritten, secretSettings } from './secretScan.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A start takes a third less of a processor where Node finds what it has compiled before. */
const COMPILED = join(ROOT, 'node_modules/.cache/compiled')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface MainProcess {
  readonly pid: number
  /** What `pattern` finds in what the process prints, once it does. Rejects when it ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  /** Once it has ended. */
  readonly outcome: Promise<Outcome>
}

/** Runs `src/main.ts` with these arguments, and with no settings but these. It is gone when the test is over. */
export const runMain = (args: readonly string[], settings: Readonly<Record<string, string>> = {}): MainProcess => {
  secretSettings(settings)
  const env = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: COMPILED, ...settings }
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
  const outcome = once(child, 'close').then(([code]): Outcome => {
    // The embedded Restcomm by itself says how to log in to it.
    if (args[0] !== 'sandbox') keepWritten('stdout', stdout)
    keepWritten('stderr', stderr)
    return { code, stdout, stderr }
  })
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(stdout)
      if (found !== null) return found
      if (Array.isArray(await Promise.race([outcome, once(child.stdout, 'data')]))) continue
      const late = pattern.exec(stdout)
      if (late !== null) return late
      throw new Error(`It ended without printing ${pattern}:\n${stdout}${stderr}`)
    }
  }
  if (child.pid === undefined) throw new Error('It could not be started.')
  return { pid: child.pid, printed, signal: name => child.kill(name), outcome }
}
