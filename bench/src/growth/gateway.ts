import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import { cpuUs, residentBytes } from '../process/resourceUsage.ts'
import { waitFor } from '../process/waitFor.ts'
import { ownServer } from '../servers/ownServer.ts'
import type { ServerDefinition } from '../servers/server.ts'
import { startServer } from '../servers/startServer.ts'

export interface Gateway {
  readonly url: URL
  cpuUs(): number
  residentBytes(): number
  /** Collects garbage, and returns the size of the remaining heap and external buffers. */
  reachableBytes(): Promise<number>
  stop(): Promise<void>
}

const HEAP_METER = fileURLToPath(new URL('heapMeter.ts', import.meta.url))

/** Starts the gateway in production mode, with the additional `settings`. The upstream is the sandbox. */
export async function startGateway(
  { url }: Sandbox,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Gateway> {
  const heapFile = join(folder, 'heap.json')
  const definition: ServerDefinition = {
    ...ownServer,
    command: context => {
      const { command, args, env } = ownServer.command(context)
      return {
        command,
        args: ['--expose-gc', '--import', HEAP_METER, ...args],
        env: { ...env, ...settings, BENCH_HEAP: heapFile },
      }
    },
  }
  const running = await startServer(definition, { folder, core: 0, upstream: 'immediate', upstreamUrl: url })
  const { pid } = running.process
  return {
    url: running.url,
    cpuUs: () => cpuUs(pid),
    residentBytes: () => residentBytes(pid),
    reachableBytes: async () => {
      process.kill(pid, 'SIGUSR2')
      let text = ''
      await waitFor('a garbage collection', async () => {
        text = readIfExists(heapFile)
        return text !== ''
      })
      rmSync(heapFile)
      const { heapUsed, external } = JSON.parse(text) as NodeJS.MemoryUsage
      return heapUsed + external
    },
    stop: running.process.stop,
  }
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
