import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Running } from './listen.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

/** Starts restcomm-graphql from this checkout in a child process, with only the given settings. */
export async function startRestcomm(settings: Readonly<Record<string, string>>): Promise<Running> {
  // The shutdown has no delay, because no load balancer needs time to notice the shutdown.
  const env = { PATH: process.env.PATH ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0', ...settings }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  // Without this handler, the child process would survive a crash of the parent.
  const stop = () => child.kill('SIGTERM')
  process.once('exit', stop)
  const close = async () => {
    process.removeListener('exit', stop)
    stop()
    await ended
  }
  for await (const line of createInterface(child.stdout)) {
    const url = /(http:\/\/\S+\/graphql)/.exec(line)?.[1]
    if (url !== undefined) return { url, close }
  }
  throw new Error('restcomm-graphql ended without printing its URL.')
}
