import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../process/freePort.ts'
import { type Started, start } from '../process/start.ts'
import { until } from '../process/until.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import type { ServerKind } from './server.ts'

/** A server under test that runs. */
export interface Running {
  readonly kind: ServerKind
  readonly url: URL
  readonly process: Started
}

export interface RunOptions {
  readonly folder: string
  readonly core: number
  readonly upstream: UpstreamName
  readonly upstreamUrl: string
}

/** What a server needs of the machine, and none of the settings that somebody may have for a gateway of their own. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG', 'TMPDIR']

/** Starts a server on its core, and waits until it speaks HTTP. */
export const run = async (kind: ServerKind, { folder, core, upstream, upstreamUrl }: RunOptions): Promise<Running> => {
  const port = await freePort()
  const own = join(folder, kind.name)
  mkdirSync(own, { recursive: true })
  const output = join(own, `${upstream}.log`)
  const { command, args, env } = kind.command({ port, upstream, upstreamUrl, folder: own })
  const machine = Object.fromEntries(ENVIRONMENT.map(name => [name, process.env[name]]))
  const started = start(command, args, { core, env: { ...machine, ...env }, output, cwd: own })
  const url = new URL(`http://127.0.0.1:${port}/graphql`)
  await until(kind.name, async () => {
    if (started.hasEnded()) throw new Error(`${kind.name} ended:\n${readFileSync(output, 'utf8').slice(-2_000)}`)
    await (await fetch(url)).arrayBuffer()
    return true
  })
  return { kind, url, process: started }
}
