import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRateLimit } from '../../../src/graphql/limits/rateLimit.ts'
import { basic } from '../../support/gateway.ts'
import { sendQuery, startReplicas } from '../../support/replicas.ts'
import { hasRedis, startRedis } from '../../support/startRedis.ts'

const query = (cost: number) => `{ conferences(first: ${cost}) { totalCount } }`

describe.runIf(hasRedis)('the rate of one client', () => {
  it('has in each window what it may spend, and no more, however much was refused as the last one ended', async () => {
    const server = await startRedis()
    onTestFinished(() => server.kill())
    const redis = new Redis(server.url, { enableOfflineQueue: false })
    onTestFinished(() => redis.disconnect())
    await once(redis, 'ready')
    const [POINTS, WINDOW] = [100, 1_000]
    const rateLimit = createRateLimit({ maxCost: POINTS, windowMs: WINDOW }, { redis, prefix: 'test:' })
    const spent = async () => Number((await redis.get((await redis.keys('test:rate*'))[0] ?? '')) ?? 0)
    for (let window = 0; window < 3; window++) {
      await rateLimit?.('somebody', 50)
      const [key = ''] = await redis.keys('test:rate*')
      const left = await redis.pttl(key)
      await setTimeout(left - 20)
      const ends = performance.now() + 40
      while (performance.now() < ends) {
        await Promise.all(Array.from({ length: 20 }, () => rateLimit?.('somebody', POINTS).catch(() => undefined)))
        expect(await spent()).toBeGreaterThanOrEqual(0)
      }
      await setTimeout(WINDOW + 50)
    }
  })

  it('is counted in a window of the same length as in memory, also where that is not one of whole seconds', async () => {
    const server = await startRedis()
    onTestFinished(() => server.kill())
    const redis = new Redis(server.url, { enableOfflineQueue: false })
    onTestFinished(() => redis.disconnect())
    await once(redis, 'ready')
    for (const windowMs of [1_001, 1_999, 60_000]) {
      for (const shared of [null, { redis, prefix: `test:${windowMs}:` }]) {
        const left = await createRateLimit({ maxCost: 10, windowMs }, shared)?.('somebody', 1)
        // It may have begun a moment before it is told how long it lasts.
        expect(left?.resetMs).toBeGreaterThan(windowMs - 300)
        expect(left?.resetMs).toBeLessThanOrEqual(windowMs)
      }
    }
  })

  it('is counted by all replicas together, and by each for itself while Redis is away', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.kill())
    const { urls } = await startReplicas(2, redis.url, { RATE_LIMIT_COST: '10', RATE_LIMIT_WINDOW_MS: '600000' })
    const [one = '', two = ''] = urls
    const spend = async (url: string, cost: number, as = 'conf137') =>
      (await sendQuery(url, basic(as), query(cost))).errors?.[0]?.extensions.code

    expect(await spend(one, 6)).toBeUndefined()
    expect(await spend(two, 5)).toBe('RATE_LIMITED')
    // What was refused has cost nothing, here and there.
    expect(await spend(two, 4)).toBeUndefined()
    expect(await spend(one, 1)).toBe('RATE_LIMITED')
    expect(await spend(one, 10, 'part')).toBeUndefined()

    await redis.kill()
    expect(await spend(one, 10)).toBeUndefined()
    expect(await spend(two, 10)).toBeUndefined()
    expect(await spend(one, 1)).toBe('RATE_LIMITED')

    // It is empty when it comes back.
    await redis.start()
    await expect.poll(() => spend(one, 1), { timeout: 15_000, interval: 250 }).toBeUndefined()
    await expect.poll(() => spend(two, 8), { timeout: 15_000, interval: 250 }).toBeUndefined()
    expect(await spend(one, 2)).toBe('RATE_LIMITED')
  }, 60_000)
})
