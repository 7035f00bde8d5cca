import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BASE_PATH } from '../data/answers.ts'
import { freePort } from '../process/freePort.ts'
import { openFiles } from '../process/openFiles.ts'
import { start } from '../process/start.ts'
import { until } from '../process/until.ts'
import { nginxConfig } from './nginxConfig.ts'

export const UPSTREAMS = ['immediate', 'delayed'] as const
export type UpstreamName = (typeof UPSTREAMS)[number]

export interface Nginx {
  readonly pid: number
  /** Up to and including `/restcomm`; null for a delay that this machine's nginx cannot make. */
  urlOf(upstream: UpstreamName): string | null
  /** How many requests it has been asked so far, without those that ask this. */
  requests(): Promise<number>
  /** Waits until nobody asks it any more: who has lost its clients may still be at what they wanted. */
  settled(): Promise<void>
  stop(): Promise<void>
}

/** Nobody asks who has not for so long. */
const QUIET_MS = 100

const ECHO_MODULE = '/usr/lib/nginx/modules/ngx_http_echo_module.so'

/** Starts nginx over a folder of answers, on one core, with its own settings and nothing of the machine's. */
export const startNginx = async (folder: string, answers: string, core: number): Promise<Nginx> => {
  mkdirSync(folder, { recursive: true })
  const echoModule = existsSync(ECHO_MODULE) ? ECHO_MODULE : null
  const ports = { immediate: await freePort(), delayed: await freePort() }
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig({ folder, answers, echoModule, openFiles: openFiles() }, ports))
  const nginx = start('nginx', ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], {
    core,
    env: process.env,
    output: join(folder, 'nginx.out'),
  })
  const origin = `http://127.0.0.1:${ports.immediate}`
  let asked = 0
  const requests = async (): Promise<number> => {
    const text = await (await fetch(`${origin}/count`)).text()
    const [, count] = /requests\s+\d+\s+\d+\s+(\d+)/.exec(text) ?? []
    // The request that asks is counted before it is answered.
    return Number(count) - ++asked
  }
  await until('nginx', async () => {
    if (nginx.hasEnded()) throw new Error(`nginx ended: ${readFileSync(join(folder, 'nginx.out'), 'utf8')}`)
    return (await fetch(`${origin}/count`)).ok && ++asked > 0
  })
  return {
    pid: nginx.pid,
    urlOf: upstream =>
      upstream === 'delayed' && echoModule === null ? null : `http://127.0.0.1:${ports[upstream]}${BASE_PATH}`,
    requests,
    settled: async () => {
      let [before, now] = [-1, await requests()]
      while (now !== before) {
        await delay(QUIET_MS)
        ;[before, now] = [now, await requests()]
      }
    },
    stop: nginx.stop,
  }
}
