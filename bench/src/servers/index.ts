import { ceiling, ours, proxy, yoga } from './house.ts'
import { apollo, mesh, tailcall } from './peers.ts'
import type { ServerKind } from './server.ts'

/** Every server under test, in the order of the table. */
export const SERVERS: readonly ServerKind[] = [ours, ceiling, proxy, yoga, apollo, mesh, tailcall]

/** Those that need no packages but a few. */
export const HOUSE: readonly string[] = [ours, ceiling, proxy, yoga].map(({ name }) => name)
