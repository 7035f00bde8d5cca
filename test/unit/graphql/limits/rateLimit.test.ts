import { describe, expect, it } from 'vitest'
import { createRateLimit } from '../../../../src/graphql/limits/rateLimit.ts'
import { heapUsed } from '../../../support/heap.ts'

const begin = (cost: number) => {
  const rateLimit = createRateLimit({ cost, windowMs: 86_400_000 })
  if (rateLimit === null) throw new Error('There is no limit.')
  return rateLimit
}

describe('the rate', { timeout: 60_000 }, () => {
  it('is counted for 50,000 clients at most: who has not asked for the longest time is forgotten', async () => {
    const rateLimit = begin(2)
    await rateLimit('quiet', 2)
    await rateLimit('busy', 1)
    for (let i = 0; i < 49_998; i++) await rateLimit(`invented ${i}`, 1)
    await expect(rateLimit('quiet', 1)).rejects.toThrow('RATE_LIMIT_COST')
    expect(await rateLimit('busy', 1)).toMatchObject({ remaining: 0 })
    for (let i = 0; i < 49_999; i++) await rateLimit(`more ${i}`, 1)
    await expect(rateLimit('busy', 1)).rejects.toThrow('RATE_LIMIT_COST')
    expect(await rateLimit('quiet', 2)).toMatchObject({ remaining: 0 })
  })

  it('is not spent by what is refused, not even for a moment', async () => {
    const rateLimit = begin(10)
    await rateLimit('client', 6)
    const [tooMuch, fits] = await Promise.allSettled([rateLimit('client', 5), rateLimit('client', 4)])
    expect(tooMuch.status).toBe('rejected')
    expect(fits).toMatchObject({ status: 'fulfilled', value: { remaining: 0 } })
  })

  it('takes no more memory for hundreds of thousands of credentials that somebody makes up', async () => {
    const rateLimit = begin(1)
    for (let i = 0; i < 50_000; i++) await rateLimit(`client ${i}`, 1)
    const before = heapUsed()
    for (let i = 0; i < 300_000; i++) await rateLimit(`invented ${i}`, 1)
    expect((heapUsed() - before) / 1_048_576).toBeLessThan(10)
  })
})
