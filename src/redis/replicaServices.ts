import { RedisConnection, type RedisLog, redisNames } from './redisConnection.ts'
import { RedisReplicaExchange } from './redisReplicaExchange.ts'
import { RedisSharedCache } from './redisSharedCache.ts'

/** Services which use the Redis shared by the replicas. */
export type ReplicaServices = ReturnType<typeof connectShared>

/** Connects in the background. Replicas in front of the same Restcomm and with the same secret share data. */
export function connectShared(url: string, restcommUrl: string, secret: string, log: RedisLog) {
  const connection = new RedisConnection(url, redisNames(secret, restcommUrl), log)
  const exchange = new RedisReplicaExchange(connection)
  return {
    rows: new RedisSharedCache(connection),
    exchange,
    connection,
    /** Releases the leases and closes the connections. */
    close: async () => {
      exchange.close()
      // Redis answers in order, so the leases are released before the reply.
      if (connection.isReady) await connection.commands.ping().catch(() => undefined)
      connection.close()
    },
  }
}
