import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config } from '../../config.ts'
import { refusal } from '../requestError.ts'

/** What a client has left. */
export interface Left {
  readonly remaining: number
  /** Until it has everything again. */
  readonly resetMs: number
}

/** Takes the cost of a query from what its client may spend; `RATE_LIMITED` where that is not enough. */
export type RateLimit = (client: string, cost: number) => Promise<Left>

/** Where replicas count together. */
interface SharedCounts {
  /** A client of ioredis, whose commands fail at once while there is no connection. */
  readonly redis: object
  /** Of all keys. */
  readonly prefix: string
}

/** Everybody without credentials that count, together. */
const ANONYMOUS = 'anonymous'

/**
 * How many clients are counted in memory. Credentials count before Restcomm has seen them, so anybody can make up as
 * many as there are requests in a window.
 */
const MAXIMUM_COUNTED = 50_000

/**
 * Adds what a query costs, where that is no more than there is left, and says what was spent with it, and for how long that
 * counts. To add it in any case and take it off again where it was refused would take it off the next window, where this
 * one ends in between. The window is the fourth argument, in seconds and parts of one: the second is cut to whole ones.
 */
const SPEND = `
local cost = tonumber(ARGV[1])
local spent = tonumber(redis.call('get', KEYS[1]) or '0') + cost
if spent > tonumber(ARGV[3]) then
  return {spent, redis.call('pttl', KEYS[1])}
end
redis.call('set', KEYS[1], 0, 'PX', math.floor(tonumber(ARGV[4]) * 1000 + 0.5), 'NX')
return {redis.call('incrby', KEYS[1], cost), redis.call('pttl', KEYS[1])}
`

/** What the library keeps, which it shows to those alone that wait: meanwhile another query may be counted. */
interface Kept {
  readonly _memoryStorage: { get(key: string): RateLimiterRes | null }
}

/** Adds what a query costs where that is no more than there is left, as Redis does, and nothing of what it refuses. */
class MemoryLimiter extends RateLimiterMemory {
  override async consume(...asked: Parameters<RateLimiterMemory['consume']>): Promise<RateLimiterRes> {
    const [key, cost = 1] = asked
    const spent = (this as unknown as Kept)._memoryStorage.get(this.getKey(key))
    if (spent !== null && spent.msBeforeNext > 0 && spent.consumedPoints + cost > this.points) throw spent
    return super.consume(...asked)
  }
}

/**
 * Null where there is no limit. With Redis all replicas count together, and each by itself for as long as Redis is away.
 * A window begins with the first query in it. What is refused costs nothing. In memory, who has not asked for the longest
 * time is forgotten where there are too many: whoever wants to be has to send as many requests.
 */
export const createRateLimit = (
  { cost: points, windowMs }: Config['rate'],
  shared: SharedCounts | null = null,
): RateLimit | null => {
  if (points === 0) return null
  const options = { points, duration: windowMs / 1_000, keyPrefix: `${shared?.prefix ?? ''}rate` }
  const memory = new MemoryLimiter(options)
  const limiter =
    shared === null
      ? memory
      : new RateLimiterRedis({
          ...options,
          storeClient: shared.redis,
          insuranceLimiter: memory,
          customIncrTtlLuaScript: SPEND,
          rejectIfRedisNotReady: true,
        })
  const counted = new LRUCache<string, true>({
    max: MAXIMUM_COUNTED,
    dispose: (_true, key, reason) => {
      if (reason === 'evict') void memory.delete(key)
    },
  })
  return async (client, cost) => {
    // Waiting would not help.
    if (cost > points) throw tooCostly(cost, points)
    const key = client === '' ? ANONYMOUS : client
    counted.set(key, true)
    try {
      const { remainingPoints, msBeforeNext } = await limiter.consume(key, cost)
      return { remaining: remainingPoints, resetMs: msBeforeNext }
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      throw rateLimited(cost, points, windowMs, refused.msBeforeNext)
    }
  }
}

const tooCostly = (cost: number, points: number) =>
  refusal(
    'QUERY_TOO_COSTLY',
    `The query would cost ${cost}, and all queries together may cost ${points} in a while (RATE_LIMIT_COST).`,
    { extensions: { cost, limit: points } },
  )

const rateLimited = (cost: number, points: number, windowMs: number, waitMs: number) => {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000))
  return refusal(
    'RATE_LIMITED',
    `These credentials may spend ${points} in ${windowMs / 1_000} seconds (RATE_LIMIT_COST, RATE_LIMIT_WINDOW_MS), ` +
      `and too little of it is left for a query that costs ${cost}. Ask again in ${retryAfter} s.`,
    { headers: { 'retry-after': String(retryAfter) }, extensions: { retryAfter, cost, limit: points } },
  )
}
