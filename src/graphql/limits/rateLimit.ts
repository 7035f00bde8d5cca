import { LRUCache } from 'lru-cache'
import type { Config } from '../../config.ts'
import { userInputError } from '../../userInputError.ts'

export interface RateLimitState {
  readonly remaining: number
  /** Time until the window ends and the full budget is available again. */
  readonly resetMs: number
}

/** Charges the cost to the client. If the remaining budget is smaller than the cost, rejects with `RATE_LIMITED`. */
export type RateLimit = NonNullable<ReturnType<typeof createRateLimit>>

interface RedisStore {
  /** An ioredis client. Commands must fail immediately while the client is disconnected. */
  readonly commands: { eval(script: string, keyCount: number, ...args: (string | number)[]): Promise<unknown> }
  readonly name: (kind: 'rate', text: string) => string
}

/** All requests without valid credentials share the budget of this key. */
const ANONYMOUS_KEY = 'anonymous'

/**
 * Limits the memory for counters, because a client can invent new credentials for every request. Above the maximum, the
 * counter of the least recently active client is dropped.
 */
const MAX_TRACKED_CLIENTS = 50_000

/**
 * Adds the cost (ARGV[1]) if the budget (ARGV[2]) suffices. The first charge starts a window of ARGV[3] milliseconds.
 * Replaces a counter that the script cannot have written: no number, or a window without an end.
 */
const CHARGE_SCRIPT = `
local stored = redis.pcall('GET', KEYS[1])
local ttl = redis.call('PTTL', KEYS[1])
local isValid = type(stored) == 'string' and stored:find('^%d+$') and #stored < 16 and ttl >= 0 and ttl <= tonumber(ARGV[3])
if not isValid then redis.call('DEL', KEYS[1]) end
local spent = (isValid and tonumber(stored) or 0) + tonumber(ARGV[1])
if spent <= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], '0', 'PX', ARGV[3], 'NX')
  redis.call('INCRBY', KEYS[1], ARGV[1])
end
return {spent, redis.call('PTTL', KEYS[1])}
`

/**
 * If `maxCost` is 0, returns null. Gateway replicas share the counters in Redis. If Redis is missing or unavailable,
 * each replica counts in memory.
 */
export function createRateLimit({ maxCost, windowMs }: Config['rateLimit'], redisStore: RedisStore | null = null) {
  if (maxCost === 0) return null
  const counters = new LRUCache<string, { spent: number }>({ max: MAX_TRACKED_CLIENTS, ttl: windowMs })
  // Both functions return the costs of the window including the checked query, even if the query is rejected.
  const chargeInMemory = (key: string, cost: number) => {
    const counter = counters.get(key) ?? { spent: 0 }
    const spent = counter.spent + cost
    if (counter.spent === 0) counters.set(key, counter)
    if (spent <= maxCost) counter.spent = spent
    return { spent, resetMs: Math.ceil(counters.getRemainingTTL(key)) }
  }
  const charge = async (key: string, cost: number) => {
    if (redisStore === null) return chargeInMemory(key, cost)
    const { commands, name } = redisStore
    try {
      const reply = await commands.eval(CHARGE_SCRIPT, 1, name('rate', key), cost, maxCost, windowMs)
      const [spent, resetMs] = reply as [number, number]
      return { spent, resetMs }
    } catch {
      return chargeInMemory(key, cost)
    }
  }
  return async (clientId: string, cost: number): Promise<RateLimitState> => {
    if (cost > maxCost) {
      const message =
        `The query cost is ${cost}, more than the rate limit of ${maxCost} per window (RATE_LIMIT_COST): request smaller ` +
        'pages or fewer nested connections.'
      throw userInputError('QUERY_TOO_COSTLY', message, { cost, limit: maxCost })
    }
    const { spent, resetMs } = await charge(clientId || ANONYMOUS_KEY, cost)
    if (spent <= maxCost) return { remaining: maxCost - spent, resetMs }
    const retryAfter = Math.max(1, Math.ceil(resetMs / 1_000))
    const message =
      `The query cost is ${cost}, more than the client's remaining budget: the maximum is ${maxCost} per ` +
      `${windowMs / 1_000} seconds (RATE_LIMIT_COST, RATE_LIMIT_WINDOW_MS). Retry in ${retryAfter} s.`
    throw userInputError('RATE_LIMITED', message, { retryAfter, cost, limit: maxCost })
  }
}
