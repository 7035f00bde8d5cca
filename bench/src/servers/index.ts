import { layerServers } from './layerServers.ts'
import { ownServer } from './ownServer.ts'
import { apollo, mesh, tailcall } from './peers.ts'
import { ceiling, proxy, yoga } from './referenceServers.ts'
import type { ServerDefinition } from './server.ts'

export const SERVERS: readonly ServerDefinition[] = [ownServer, ceiling, proxy, yoga, apollo, mesh, tailcall]

/** Servers without additional packages. */
export const SMOKE_SERVER_NAMES: readonly string[] = [ownServer, ceiling, yoga].map(({ name }) => name)

/** Measured only if named by `--servers`. */
export const OPTIONAL_SERVERS: readonly ServerDefinition[] = layerServers
