import type { Redis } from 'ioredis'
import type { Exchange } from '../live/replication/replicaBus.ts'
import type { SharedCache } from '../restcomm/cache/sharedCache.ts'
import { prefixFor, RedisConnection, type RedisLog } from './redisConnection.ts'
import { RedisExchange } from './redisReplicaBus.ts'
import { RedisRows } from './redisSharedCache.ts'

/** What the replicas of this gateway have in common, by one Redis. */
export interface Shared {
  readonly rows: SharedCache
  readonly exchange: Exchange
  /** For whoever counts across replicas: commands fail at once while Redis is away, and every key begins with `prefix`. */
  readonly redis: Redis
  readonly prefix: string
  /** Whether Redis is there, as far as is known. */
  readonly isReady: boolean
  /** Gives back what other replicas wait for, and closes the connections. */
  close(): Promise<void>
}

/**
 * Connects in the background: nothing waits for it, and nothing fails where it does not succeed. Replicas are those that
 * stand before the same Restcomm.
 */
export const connectShared = (url: string, restcommUrl: string, log: RedisLog): Shared => {
  const connection = new RedisConnection(url, prefixFor(restcommUrl), log)
  const exchange = new RedisExchange(connection, log)
  return {
    rows: new RedisRows(connection),
    exchange,
    redis: connection.commands,
    prefix: connection.prefix,
    get isReady() {
      return connection.isReady
    },
    close: async () => {
      exchange.close()
      // What was sent before is answered before: leases are given back.
      if (connection.isReady) await connection.commands.ping().catch(() => undefined)
      connection.close()
    },
  }
}
