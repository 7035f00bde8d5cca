import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import { until } from '../process/until.ts'
import { cpuUs, residentBytes } from '../process/usage.ts'
import { ours } from '../servers/house.ts'
import { type Running, run } from '../servers/run.ts'

/** This gateway before a sandbox, with settings of its own beside those of production. */
export interface Gateway {
  readonly url: URL
  cpuUs(): number
  residentBytes(): number
  /** What its code still refers to: what is left of its heap, and of buffers beside it, after a full collection. */
  liveBytes(): Promise<number>
  stop(): Promise<void>
}

const METER = fileURLToPath(new URL('heapMeter.ts', import.meta.url))

export const startGateway = async (
  { url }: Sandbox,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Gateway> => {
  const heapFile = join(folder, 'heap.json')
  const kind: typeof ours = {
    ...ours,
    command: where => {
      const { command, args, env } = ours.command(where)
      return {
        command,
        args: ['--expose-gc', '--import', METER, ...args],
        env: { ...env, ...settings, BENCH_HEAP: heapFile },
      }
    },
  }
  const running: Running = await run(kind, { folder, core: 0, upstream: 'immediate', upstreamUrl: url })
  const { pid } = running.process
  return {
    url: running.url,
    cpuUs: () => cpuUs(pid),
    residentBytes: () => residentBytes(pid),
    liveBytes: async () => {
      process.kill(pid, 'SIGUSR2')
      let text = ''
      await until('A full collection', async () => {
        text = textOf(heapFile)
        return text !== ''
      })
      rmSync(heapFile)
      const { heapUsed, external } = JSON.parse(text) as NodeJS.MemoryUsage
      return heapUsed + external
    },
    stop: running.process.stop,
  }
}

/** Empty while there is no such file. */
const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
