import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface StartOptions {
  /** CPU core to which the process is pinned. */
  readonly core: number
  readonly env: NodeJS.ProcessEnv
  readonly output: string
  readonly cwd?: string
}

export interface ManagedProcess {
  readonly pid: number
  hasEnded(): boolean
  /** Sends SIGTERM, and SIGKILL if the process still runs two seconds later. */
  stop(): Promise<void>
}

const STOP_TIMEOUT_MS = 2_000

const running = new Set<ManagedProcess>()

export function startProcess(
  command: string,
  args: readonly string[],
  { core, env, output, cwd }: StartOptions,
): ManagedProcess {
  const file = openSync(output, 'a')
  // taskset replaces itself by the program (exec), so `child.pid` is the pid of the program.
  const child = spawn('taskset', ['-c', String(core), command, ...args], { env, cwd, stdio: ['ignore', file, file] })
  closeSync(file)
  const { pid } = child
  if (pid === undefined) throw new Error(`Cannot start ${command}.`)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const managed: ManagedProcess = {
    pid,
    hasEnded,
    stop: async () => {
      running.delete(managed)
      if (hasEnded()) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await Promise.race([exit, delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
      if (!hasEnded()) {
        child.kill('SIGKILL')
        await exit
      }
    },
  }
  running.add(managed)
  return managed
}

export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...running].map(managed => managed.stop()))
}
