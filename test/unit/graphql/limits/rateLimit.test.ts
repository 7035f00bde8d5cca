import { describe, expect, it } from 'vitest'
import { createRateLimit, type RateLimit } from '../../../../src/graphql/limits/rateLimit.ts'
import { useCacheClock } from '../../../support/cacheClock.ts'
import { usedHeapBytes } from '../../../support/heap.ts'

type RedisStore = Parameters<typeof createRateLimit>[1]

function startRateLimit(cost: number, redisStore: RedisStore = null): RateLimit {
  const rateLimit = createRateLimit({ maxCost: cost, windowMs: 86_400_000 }, redisStore)
  if (rateLimit === null) throw new Error('Expected a rate limit.')
  return rateLimit
}

describe('in-memory rate limit', { timeout: 60_000 }, () => {
  it('the in-memory rate limit tracks at most 50,000 clients and drops the least recently active', async () => {
    const rateLimit = startRateLimit(2)
    await rateLimit('quiet', 2)
    await rateLimit('busy', 1)
    for (let i = 0; i < 49_998; i++) await rateLimit(`invented ${i}`, 1)
    await expect(rateLimit('quiet', 1)).rejects.toThrow('RATE_LIMIT_COST')
    expect(await rateLimit('busy', 1)).toMatchObject({ remaining: 0 })
    for (let i = 0; i < 49_999; i++) await rateLimit(`more ${i}`, 1)
    await expect(rateLimit('busy', 1)).rejects.toThrow('RATE_LIMIT_COST')
    expect(await rateLimit('quiet', 2)).toMatchObject({ remaining: 0 })
  })

  it('the in-memory rate limit consumes nothing for a rejected query, not even temporarily', async () => {
    const rateLimit = startRateLimit(10)
    await rateLimit('client', 6)
    const [tooMuch, fits] = await Promise.allSettled([rateLimit('client', 5), rateLimit('client', 4)])
    expect(tooMuch.status).toBe('rejected')
    expect(fits).toMatchObject({ status: 'fulfilled', value: { remaining: 0 } })
  })

  it('the in-memory rate limit uses bounded memory for 150,000 invented credentials', async () => {
    const rateLimit = startRateLimit(1)
    for (let i = 0; i < 50_000; i++) await rateLimit(`client ${i}`, 1)
    const before = usedHeapBytes()
    for (let i = 0; i < 150_000; i++) await rateLimit(`invented ${i}`, 1)
    expect((usedHeapBytes() - before) / 1_048_576).toBeLessThan(10)
  })
})

describe('in-memory window', () => {
  const advance = useCacheClock()

  it('the window of a client in memory has the configured length, and the next window has the full budget', async () => {
    const rateLimit = createRateLimit({ maxCost: 10, windowMs: 1_999 })
    expect(await rateLimit?.('client', 6)).toEqual({ remaining: 4, resetMs: 1_999 })
    advance(1_000)
    expect(await rateLimit?.('client', 4)).toEqual({ remaining: 0, resetMs: 999 })
    advance(999)
    await expect(rateLimit?.('client', 10)).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED' } })
    advance(1)
    expect(await rateLimit?.('client', 10)).toEqual({ remaining: 0, resetMs: 1_999 })
  })
})

describe('shared rate limit', () => {
  it('the shared rate limit counts in memory while Redis is unavailable', async () => {
    let isAvailable = true
    const redis = { eval: async () => (isAvailable ? [3, 5_000] : Promise.reject(new Error('Redis is unavailable.'))) }
    const rateLimit = startRateLimit(10, { commands: redis, name: (kind, text) => `test:${kind}:${text}` })
    expect(await rateLimit('client', 3)).toEqual({ remaining: 7, resetMs: 5_000 })
    isAvailable = false
    expect(await rateLimit('client', 8)).toMatchObject({ remaining: 2 })
    await expect(rateLimit('client', 8)).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED', cost: 8, limit: 10 },
    })
    isAvailable = true
    expect(await rateLimit('client', 3)).toMatchObject({ remaining: 7 })
  })

  it('the shared rate limit rejects a cost above the budget, with the rest of the window as the retry delay', async () => {
    const redis = { eval: async () => [11, 1_200] }
    await expect(startRateLimit(10, { commands: redis, name: () => 'key' })('client', 3)).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED', retryAfter: 2 },
    })
  })
})
