import type { GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config } from '../../config.ts'
import { requestError } from '../requestError.ts'

export interface RateLimitState {
  readonly remaining: number
  /** Time until the window ends and the full budget is available again. */
  readonly resetMs: number
}

/** Charges the cost to the client. If the remaining budget is smaller than the cost, rejects with `RATE_LIMITED`. */
export type RateLimit = (clientId: string, cost: number) => Promise<RateLimitState>

interface RedisStore {
  /** An ioredis client. Commands must fail immediately while the client is disconnected. */
  readonly redis: object
  readonly prefix: string
}

/** All requests without valid credentials share the budget of this key. */
const ANONYMOUS_KEY = 'anonymous'

/**
 * Limits the memory for counters, because a client can invent new credentials for every request. Above the maximum, the
 * counter of the least recently active client is dropped.
 */
const MAX_TRACKED_CLIENTS = 50_000

/**
 * Adds the cost (ARGV[1]) only if the budget (ARGV[3]) suffices. Adding first and subtracting after a rejection could
 * change the counter of the next window. ARGV[4] is the window in seconds, because ARGV[2] has no fractional seconds.
 */
const CONSUME_SCRIPT = `
local cost = tonumber(ARGV[1])
local spent = tonumber(redis.call('get', KEYS[1]) or '0') + cost
if spent > tonumber(ARGV[3]) then
  return {spent, redis.call('pttl', KEYS[1])}
end
redis.call('set', KEYS[1], 0, 'PX', math.floor(tonumber(ARGV[4]) * 1000 + 0.5), 'NX')
return {redis.call('incrby', KEYS[1], cost), redis.call('pttl', KEYS[1])}
`

/** Private, synchronous store of rate-limiter-flexible. During the public `get()`, the counter could change. */
interface MemoryLimiterInternals {
  readonly _memoryStorage: { get(key: string): RateLimiterRes | null }
}

/** A rejected query consumes no budget, as in `CONSUME_SCRIPT`. */
class StrictMemoryLimiter extends RateLimiterMemory {
  override async consume(...args: Parameters<RateLimiterMemory['consume']>): Promise<RateLimiterRes> {
    const [key, cost = 1] = args
    const current = (this as unknown as MemoryLimiterInternals)._memoryStorage.get(this.getKey(key))
    if (current !== null && current.msBeforeNext > 0 && current.consumedPoints + cost > this.points) throw current
    return super.consume(...args)
  }
}

/**
 * If `maxCost` is 0, returns null. Gateway replicas share the counters in Redis. If Redis is missing or unavailable,
 * each replica counts in memory.
 */
export function createRateLimit(
  { maxCost, windowMs }: Config['rateLimit'],
  redisStore: RedisStore | null = null,
): RateLimit | null {
  if (maxCost === 0) return null
  const options = { points: maxCost, duration: windowMs / 1_000, keyPrefix: `${redisStore?.prefix ?? ''}rate` }
  const memory = new StrictMemoryLimiter(options)
  const limiter =
    redisStore === null
      ? memory
      : new RateLimiterRedis({
          ...options,
          storeClient: redisStore.redis,
          insuranceLimiter: memory,
          customIncrTtlLuaScript: CONSUME_SCRIPT,
          rejectIfRedisNotReady: true,
        })
  const trackedClients = new LRUCache<string, true>({
    max: MAX_TRACKED_CLIENTS,
    dispose: (_true, key, reason) => {
      if (reason === 'evict') void memory.delete(key)
    },
  })
  return async (clientId, cost) => {
    if (cost > maxCost) throw exceedsWindowError(cost, maxCost)
    const key = clientId === '' ? ANONYMOUS_KEY : clientId
    trackedClients.set(key, true)
    try {
      const { remainingPoints, msBeforeNext } = await limiter.consume(key, cost)
      return { remaining: remainingPoints, resetMs: msBeforeNext }
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection
      throw rateLimitedError(cost, maxCost, windowMs, rejection.msBeforeNext)
    }
  }
}

function exceedsWindowError(cost: number, maxCost: number): GraphQLError {
  return requestError(
    'QUERY_TOO_COSTLY',
    `The query cost is ${cost}, more than the rate limit of ${maxCost} per window (RATE_LIMIT_COST): request smaller ` +
      'pages or fewer nested connections.',
    { extensions: { cost, limit: maxCost } },
  )
}

function rateLimitedError(cost: number, maxCost: number, windowMs: number, waitMs: number): GraphQLError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000))
  return requestError(
    'RATE_LIMITED',
    `The query cost is ${cost}, more than the client's remaining budget: the maximum is ${maxCost} per ` +
      `${windowMs / 1_000} seconds (RATE_LIMIT_COST, RATE_LIMIT_WINDOW_MS). Retry in ${retryAfter} s.`,
    { headers: { 'retry-after': String(retryAfter) }, extensions: { retryAfter, cost, limit: maxCost } },
  )
}
