import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../process/freePort.ts'
import { type ManagedProcess, startProcess } from '../process/startProcess.ts'
import { waitFor } from '../process/waitFor.ts'
import type { UpstreamName } from '../upstream/nginx.ts'
import type { ServerDefinition } from './server.ts'

export interface RunningServer {
  readonly definition: ServerDefinition
  readonly url: URL
  readonly process: ManagedProcess
}

export interface StartServerOptions {
  readonly folder: string
  readonly core: number
  readonly upstream: UpstreamName
  readonly upstreamUrl: string
}

/** A measured server inherits only these variables, and no settings of the developer's own gateway. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'LANG', 'TMPDIR']

/** Starts a server on a CPU core and waits until it responds to HTTP requests. */
export async function startServer(
  definition: ServerDefinition,
  { folder, core, upstream, upstreamUrl }: StartServerOptions,
): Promise<RunningServer> {
  const port = await freePort()
  const cwd = join(folder, definition.name)
  mkdirSync(cwd, { recursive: true })
  const output = join(cwd, `${upstream}.log`)
  const { command, args, env } = definition.command({ port, upstream, upstreamUrl, folder: cwd })
  const inherited = Object.fromEntries(INHERITED_VARIABLES.map(name => [name, process.env[name]]))
  const managed = startProcess(command, args, { core, env: { ...inherited, ...env }, output, cwd })
  const url = new URL(`http://127.0.0.1:${port}/graphql`)
  await waitFor(`${definition.name} to respond`, async () => {
    if (managed.hasEnded()) {
      throw new Error(`${definition.name} ended during its start:\n${readFileSync(output, 'utf8').slice(-2_000)}`)
    }
    await (await fetch(url)).arrayBuffer()
    return true
  })
  return { definition, url, process: managed }
}
