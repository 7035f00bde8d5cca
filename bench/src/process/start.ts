import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface StartOptions {
  /** The only core that it may use. */
  readonly core: number
  readonly env: NodeJS.ProcessEnv
  /** The file that its output goes to, both streams. */
  readonly output: string
  readonly cwd?: string
}

export interface Started {
  readonly pid: number
  hasEnded(): boolean
  /** Asks it to end, and makes it after two seconds. */
  stop(): Promise<void>
}

const running = new Set<Started>()

/** Starts a program on one core. */
export const start = (command: string, args: readonly string[], { core, env, output, cwd }: StartOptions): Started => {
  const file = openSync(output, 'a')
  // taskset replaces itself with the program, so the pid is the program's own.
  const child = spawn('taskset', ['-c', String(core), command, ...args], { env, cwd, stdio: ['ignore', file, file] })
  closeSync(file)
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} could not be started.`)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const started: Started = {
    pid,
    hasEnded,
    stop: async () => {
      running.delete(started)
      if (hasEnded()) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await Promise.race([ended, delay(2_000, undefined, { ref: false })])
      if (!hasEnded()) {
        child.kill('SIGKILL')
        await ended
      }
    },
  }
  running.add(started)
  return started
}

/** Ends what is still there of what was started here. */
export const stopAll = async (): Promise<void> => {
  await Promise.all([...running].map(started => started.stop()))
}
