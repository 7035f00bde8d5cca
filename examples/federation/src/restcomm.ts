import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Running } from './listen.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

/** Starts the restcomm-graphql of this checkout as a process of its own, with these settings and no others. */
export const startRestcomm = async (settings: Readonly<Record<string, string>>): Promise<Running> => {
  // No load balancer stands before it that would have to notice first that it stops.
  const env = { PATH: process.env.PATH ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0', ...settings }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  // It would outlive a parent that fails.
  const stop = () => child.kill('SIGTERM')
  process.once('exit', stop)
  const close = async () => {
    process.removeListener('exit', stop)
    stop()
    await ended
  }
  for await (const line of createInterface(child.stdout)) {
    const url = /GraphQL\s+(http:\/\/\S+\/graphql)/.exec(line)?.[1]
    if (url !== undefined) return { url, close }
  }
  throw new Error('restcomm-graphql ended without telling where it serves.')
}
