import { layerServers } from './layerServers.ts'
import { ownServer } from './ownServer.ts'
import { apollo, mesh, tailcall } from './peers.ts'
import { ceiling, proxy, yoga } from './referenceServers.ts'
import type { ServerDefinition } from './server.ts'

export const SERVERS: readonly ServerDefinition[] = [ownServer, ceiling, proxy, yoga, apollo, mesh, tailcall]

/** `--smoke` measures only servers which need no additional packages. */
export const SMOKE_SERVER_NAMES: readonly string[] = [ownServer, ceiling, yoga].map(({ name }) => name)

/** These servers are measured only if `--servers` names them. */
export const OPTIONAL_SERVERS: readonly ServerDefinition[] = layerServers
