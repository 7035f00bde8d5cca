import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BASE_PATH } from '../data/upstreamResponses.ts'
import { freePort } from '../process/freePort.ts'
import { openFileLimit } from '../process/openFileLimit.ts'
import { startProcess } from '../process/startProcess.ts'
import { waitFor } from '../process/waitFor.ts'
import { nginxConfig } from './nginxConfig.ts'

export const UPSTREAMS = ['immediate', 'delayed'] as const
export type UpstreamName = (typeof UPSTREAMS)[number]

export interface Nginx {
  readonly pid: number
  /** Returns a URL with the path `/restcomm`, or null for the delayed upstream if nginx's echo module is missing. */
  urlOf(upstream: UpstreamName): string | null
  /** Returns the number of requests so far, without requests to /count. */
  requests(): Promise<number>
  /** Waits until no more requests arrive. A server may continue to send requests for disconnected clients. */
  waitUntilIdle(): Promise<void>
  stop(): Promise<void>
}

const IDLE_MS = 100

const ECHO_MODULE = '/usr/lib/nginx/modules/ngx_http_echo_module.so'

/** Starts nginx on a CPU core, as a file server for the folder `responses`. */
export async function startNginx(folder: string, responses: string, core: number): Promise<Nginx> {
  mkdirSync(folder, { recursive: true })
  const echoModule = existsSync(ECHO_MODULE) ? ECHO_MODULE : null
  const ports = { immediate: await freePort(), delayed: await freePort() }
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig({ folder, responses, echoModule, openFileLimit: openFileLimit() }, ports))
  const nginx = startProcess('nginx', ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], {
    core,
    env: process.env,
    output: join(folder, 'nginx.out'),
  })
  const origin = `http://127.0.0.1:${ports.immediate}`
  let countRequestsSent = 0
  const requests = async (): Promise<number> => {
    const text = await (await fetch(`${origin}/count`)).text()
    const [, count] = /requests\s+\d+\s+\d+\s+(\d+)/.exec(text) ?? []
    // nginx counts the requests to /count as well, the current request included.
    return Number(count) - ++countRequestsSent
  }
  await waitFor('nginx to respond', async () => {
    if (nginx.hasEnded()) {
      throw new Error(`nginx ended during its start: ${readFileSync(join(folder, 'nginx.out'), 'utf8')}`)
    }
    return (await fetch(`${origin}/count`)).ok && ++countRequestsSent > 0
  })
  return {
    pid: nginx.pid,
    urlOf: upstream =>
      upstream === 'delayed' && echoModule === null ? null : `http://127.0.0.1:${ports[upstream]}${BASE_PATH}`,
    requests,
    waitUntilIdle: async () => {
      let [before, now] = [-1, await requests()]
      while (now !== before) {
        await delay(IDLE_MS)
        ;[before, now] = [now, await requests()]
      }
    },
    stop: nginx.stop,
  }
}
