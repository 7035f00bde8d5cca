import { once } from 'node:events'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRateLimit } from '../../../src/graphql/limits/rateLimit.ts'
import { basic } from '../../support/gateway.ts'
import { sendQuery, startReplicas } from '../../support/replicas.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'

async function connectRedis(): Promise<Redis> {
  const server = await startRedis()
  onTestFinished(() => server.kill())
  const redis = new Redis(server.url, { enableOfflineQueue: false })
  onTestFinished(() => redis.disconnect())
  await once(redis, 'ready')
  return redis
}

/** Limits the client to a cost of 100 per window. A rejected charge returns null. */
function startRateLimit(redis: Redis, windowMs: number) {
  const rateLimit = createRateLimit(
    { maxCost: 100, windowMs },
    { commands: redis, name: (kind, text) => `test:${kind}:${text}` },
  )
  return async (cost: number) => rateLimit?.('client', cost).catch(() => null)
}

const KEY = 'test:rate:client'

describe.runIf(hasRedis)('shared rate limit', () => {
  it('rejected queries do not change the counter in Redis, and each window has the full budget', async () => {
    const redis = await connectRedis()
    const charge = startRateLimit(redis, 60_000)
    const chargeTenTimes = () => Array.from({ length: 10 }, async () => (await charge(100))?.remaining ?? null)
    expect(await charge(50)).toMatchObject({ remaining: 50 })
    const windowEnd = await redis.pexpiretime(KEY)
    expect(await Promise.all(chargeTenTimes())).toEqual(Array.from({ length: 10 }, () => null))
    expect([await redis.get(KEY), await redis.pexpiretime(KEY)]).toEqual(['50', windowEnd])

    // Redis executes the commands of a connection in order, so the window ends between rejected queries.
    const before = chargeTenTimes()
    const ended = redis.pexpire(KEY, 0)
    const after = chargeTenTimes()
    await ended
    expect(await Promise.all(before)).toEqual(before.map(() => null))
    expect(await Promise.all(after)).toEqual(after.map((_, i) => (i === 0 ? 0 : null)))
    expect(await redis.get(KEY)).toBe('100')
    expect(await redis.pttl(KEY)).toBeGreaterThan(0)
  })

  it.each([1_001, 1_999, 60_000])('the window of a client in Redis ends after %i milliseconds', async windowMs => {
    const redis = await connectRedis()
    const timeMs = async () => {
      const [seconds, microseconds] = await redis.time()
      return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
    }
    const charge = startRateLimit(redis, windowMs)
    const chargedAfter = await timeMs()
    const replies = await Promise.all([charge(1), redis.pexpiretime(KEY), timeMs()])
    const [state, windowEnd, chargedBefore] = replies
    expect(windowEnd - windowMs).toBeGreaterThanOrEqual(chargedAfter)
    expect(windowEnd - windowMs).toBeLessThanOrEqual(chargedBefore)
    expect(state?.resetMs).toBeGreaterThanOrEqual(windowEnd - chargedBefore)
    expect(state?.resetMs).toBeLessThanOrEqual(windowMs)
  })

  it('replicas share the budget of a client, and each replica has a budget while Redis is unavailable', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.kill())
    const { urls } = await startReplicas(2, redis.url, { RATE_LIMIT_COST: '10', RATE_LIMIT_WINDOW_MS: '600000' })
    const [one = '', two = ''] = urls
    const charge = async (url: string, cost: number, as = 'conf137') => {
      const { errors } = await sendQuery(
        url,
        basic(as),
        `{ ${Array.from({ length: cost }, (_, i) => `a${i}: __typename`).join(' ')} }`,
      )
      return errors?.[0]?.extensions.code
    }

    expect(await charge(one, 6)).toBeUndefined()
    expect(await charge(two, 5)).toBe('RATE_LIMITED')
    // The rejected query cost nothing.
    expect(await charge(two, 4)).toBeUndefined()
    expect(await charge(one, 1)).toBe('RATE_LIMITED')
    expect(await charge(one, 10, 'part')).toBeUndefined()

    await redis.kill()
    expect(await charge(one, 10)).toBeUndefined()
    expect(await charge(two, 10)).toBeUndefined()
    expect(await charge(one, 1)).toBe('RATE_LIMITED')

    // The restarted Redis has no counters.
    await redis.start()
    await expect.poll(() => charge(one, 1)).toBeUndefined()
    await expect.poll(() => charge(two, 8)).toBeUndefined()
    expect(await charge(one, 2)).toBe('RATE_LIMITED')
  })
})
