import { ceiling, ours, proxy, yoga } from './house.ts'
import { layers } from './layers.ts'
import { apollo, mesh, tailcall } from './peers.ts'
import type { ServerKind } from './server.ts'

/** Every server under test, in the order of the table. */
export const SERVERS: readonly ServerKind[] = [ours, ceiling, proxy, yoga, apollo, mesh, tailcall]

/** Enough to see that the rig works, and no more packages than it has itself. */
export const SMOKE: readonly string[] = [ours, ceiling, yoga].map(({ name }) => name)

/** Measured where they are asked for by name. */
export const ON_REQUEST: readonly ServerKind[] = layers
