import { copyFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ReplicaTrial, Stage } from './replicaTrial.ts'

const SUBSCRIBERS = [100, 100, 100]
/** The first replica polls for 1,000 subscribers of the other replicas. */
const SUBSCRIBERS_OF_OTHERS = [15, 500, 500]

/** The lease of a replica, 4 s, and a second for the take-over. */
const DEFAULT_LIMIT_MS = 5_000

/** Three replicas, a sandbox and Redis, with a disturbance. docs/operations.md records the results. */
export const REPLICA_TRIALS: readonly ReplicaTrial[] = [
  {
    name: 'redis-suspended',
    description: 'Redis is suspended for 30 s.',
    limitMs: 3_000,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redis }) => {
      redis.hang()
      await delay(30_000)
      redis.resume()
    },
  },
  {
    name: 'redis-killed',
    description: 'Redis is killed and starts without data after 2 s.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ redis }) => {
      await redis.kill()
      await delay(2_000)
      await redis.start()
    },
  },
  {
    name: 'redis-flushed',
    description: 'All data in Redis is deleted ten times, once a second.',
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
    name: 'redis-fail-over',
    description: 'Redis is killed and starts with a copy of the data from 15 s before.',
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
    name: 'redis-latency-300',
    description: 'Each round trip to Redis takes 300 ms longer, for 30 s.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: stage => slowRedisDown(stage, 300),
  },
  {
    name: 'redis-latency-1500',
    description: 'Each round trip to Redis takes 1,500 ms longer, for 30 s.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: stage => slowRedisDown(stage, 1_500),
  },
  {
    name: 'redis-half-open',
    description: 'The open connections to Redis become half-open; new connections work.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.silenceConnections()
      await delay(20_000)
    },
  },
  {
    name: 'redis-silent',
    description: 'For 20 s, Redis accepts connections and never answers; these connections stay half-open.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.silence()
      await delay(20_000)
      for (const { redisProxy } of replicas) await redisProxy.restore()
    },
  },
  {
    name: 'redis-half-open-one',
    description: 'As redis-silent, but only for the polling replica.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ pollingReplica: { redisProxy } }) => {
      redisProxy.silence()
      await delay(20_000)
      await redisProxy.restore()
    },
  },
  {
    name: 'redis-refused',
    description: 'Connections to Redis are refused for 20 s.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ replicas }) => {
      for (const { redisProxy } of replicas) redisProxy.refuse()
      await delay(20_000)
      for (const { redisProxy } of replicas) await redisProxy.restore()
    },
  },
  {
    name: 'redis-full',
    description: 'The memory of Redis is full for 20 s, with the policy noeviction.',
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
    name: 'replica-frozen',
    description: 'The polling replica is suspended for 8 s. The gap of its own subscribers excludes the 8 s.',
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
    name: 'replica-killed',
    description: 'The polling replica is killed, with 1,000 subscribers of the other replicas.',
    limitMs: 5_000,
    subscribers: SUBSCRIBERS_OF_OTHERS,
    disturb: killPollingReplica,
  },
  {
    name: 'replica-cut-off',
    description: 'Restcomm refuses connections of the polling replica for 20 s.',
    limitMs: DEFAULT_LIMIT_MS,
    subscribers: SUBSCRIBERS,
    disturb: async ({ pollingReplica: { restcommProxy } }) => {
      restcommProxy.refuse()
      await delay(20_000)
      await restcommProxy.restore()
    },
  },
  {
    name: 'replica-cut-off-silent',
    description: 'Restcomm does not answer the polling replica for 20 s, with RESTCOMM_TIMEOUT_MS=1000.',
    limitMs: 8_000,
    subscribers: SUBSCRIBERS,
    settings: { RESTCOMM_TIMEOUT_MS: '1000' },
    disturb: async ({ pollingReplica: { restcommProxy } }) => {
      restcommProxy.silence()
      await delay(20_000)
      await restcommProxy.restore()
    },
  },
  {
    name: 'replica-killed-starved',
    description: 'As replica-killed, with replicas of the lowest priority beside two busy processes.',
    limitMs: 60_000,
    settleMs: 120_000,
    subscribers: SUBSCRIBERS_OF_OTHERS,
    isStarved: true,
    disturb: killPollingReplica,
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
