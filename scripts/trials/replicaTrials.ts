import { copyFileSync, renameSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startBusyLoop } from './processes.ts'
import type { ReplicaTrial, Stage } from './runReplicaTrial.ts'

const SUBSCRIBERS = [100, 100, 100]
/** The first replica polls for 1,000 subscribers of the other replicas. */
const SUBSCRIBERS_OF_OTHERS = [15, 500, 500]

/** The lease of a replica, 3 s, and the time for the take-over. */
const DEFAULT_LIMIT_MS = 5_000
/** Nothing announces a half-open connection, so a replica waits until the next poll is overdue by the lease. */
const SILENT_LIMIT_MS = 8_000

/** Three replicas, a sandbox and Redis, with a disturbance. docs/operations.md records the results. */
export const REPLICA_TRIALS: readonly ReplicaTrial[] = [
  {
    // Redis is suspended for 30 s.
    name: 'redis-suspended',
    limitMs: 3_000,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redis }) => {
      redis.hang()
      await delay(30_000)
      redis.resume()
    },
  },
  {
    // Redis is killed and starts without data after 2 s.
    name: 'redis-killed',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redis }) => {
      await redis.kill()
      await delay(2_000)
      await redis.start()
    },
  },
  {
    // All data in Redis is deleted ten times, once a second.
    name: 'redis-flushed',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redisClient }) => {
      for (let i = 0; i < 10; i++) {
        await redisClient.flushall()
        await delay(1_000)
      }
    },
  },
  {
    // Redis is killed and starts with a copy of the data from 15 s before.
    name: 'redis-fail-over',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redis, redisClient, redisFolder }) => {
      const data = join(redisFolder, 'dump.rdb')
      const copy = join(redisFolder, 'copy.rdb')
      await redisClient.save()
      renameSync(data, copy)
      await delay(15_000)
      await redis.kill()
      copyFileSync(copy, data)
      await redis.start()
    },
  },
  {
    // Each round trip to Redis takes 300 ms longer, for 30 s.
    name: 'redis-latency-300',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: stage => slowRedisDown(stage, 300),
  },
  {
    // Each round trip to Redis takes 1,500 ms longer, for 30 s.
    name: 'redis-latency-1500',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: stage => slowRedisDown(stage, 1_500),
  },
  {
    // The open connections to Redis become half-open; new connections work.
    name: 'redis-half-open',
    limitMs: SILENT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.silenceConnections()
      await delay(20_000)
    },
  },
  {
    // For 20 s, Redis accepts connections and never answers; these connections stay half-open.
    name: 'redis-silent',
    limitMs: SILENT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.silence()
      await delay(20_000)
      for (const { redisProxy } of replicas) await redisProxy.restore()
    },
  },
  {
    // As redis-silent, but only for the polling replica.
    name: 'redis-silent-one',
    limitMs: SILENT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ pollingReplica: { redisProxy } }) => {
      redisProxy.silence()
      await delay(20_000)
      await redisProxy.restore()
    },
  },
  {
    // Connections to Redis are refused for 20 s.
    name: 'redis-refused',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.refuse()
      await delay(20_000)
      for (const { redisProxy } of replicas) await redisProxy.restore()
    },
  },
  {
    // The memory of Redis is full for 20 s, with the policy noeviction.
    name: 'redis-full',
    limitMs: 7_000,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redisClient }) => {
      await redisClient.config('SET', 'maxmemory-policy', 'noeviction')
      await redisClient.config('SET', 'maxmemory', '1')
      await delay(20_000)
      await redisClient.config('SET', 'maxmemory', '0')
    },
  },
  {
    // The polling replica is suspended for 8 s. The gap of its own subscribers excludes the 8 s.
    name: 'replica-frozen',
    limitMs: 8_000,
    subscribers: SUBSCRIBERS,
    disturb: async ({ pollingReplica: { gateway, pauses } }) => {
      const fromMs = performance.now()
      gateway.signal('SIGSTOP')
      await delay(8_000)
      gateway.signal('SIGCONT')
      pauses.push({ fromMs, untilMs: performance.now() })
    },
  },
  {
    // The polling replica is killed, with 1,000 subscribers of the other replicas.
    name: 'replica-killed',
    limitMs: 5_000,
    subscribers: SUBSCRIBERS_OF_OTHERS,
    disturb: killPollingReplica,
  },
  {
    // Restcomm refuses connections of the polling replica for 20 s.
    name: 'replica-cut-off',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ pollingReplica: { restcommProxy } }) => {
      restcommProxy.refuse()
      await delay(20_000)
      await restcommProxy.restore()
    },
  },
  {
    // Restcomm does not answer the polling replica for 20 s, with RESTCOMM_TIMEOUT_MS=1000.
    name: 'replica-cut-off-silent',
    limitMs: SILENT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    settings: { RESTCOMM_TIMEOUT_MS: '1000' },
    disturb: async ({ pollingReplica: { restcommProxy } }) => {
      restcommProxy.silence()
      await delay(20_000)
      await restcommProxy.restore()
    },
  },
  {
    // As replica-killed, with replicas of the lowest priority beside a busy process per CPU core.
    name: 'replica-killed-starved',
    limitMs: 60_000,
    settleTimeoutMs: 120_000,
    subscribers: SUBSCRIBERS_OF_OTHERS,
    hasLowestPriority: true,
    disturb: async stage => {
      const stopBusyLoops = Array.from({ length: availableParallelism() }, startBusyLoop)
      await delay(5_000)
      await killPollingReplica(stage)
      await delay(20_000)
      for (const stop of stopBusyLoops) await stop()
    },
  },
]

async function slowRedisDown({ replicas }: Stage, roundTripMs: number): Promise<void> {
  for (const { redisProxy } of replicas) redisProxy.setLatency(roundTripMs)
  await delay(30_000)
  for (const { redisProxy } of replicas) redisProxy.setLatency(0)
}

async function killPollingReplica({ pollingReplica }: Stage): Promise<void> {
  if (pollingReplica.index !== 0) throw new Error(`Replica ${pollingReplica.index} polls: expected replica 0.`)
  pollingReplica.killedAtMs = performance.now()
  await pollingReplica.gateway.kill()
  await delay(10_000)
}
