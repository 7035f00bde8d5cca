import { describe, expect, it } from 'vitest'
import { planListPages } from '../../../src/loaders/loaders.ts'

const pages = (pageCount: number, size: number) => Array.from({ length: pageCount }, (_, page) => ({ page, size }))
const listOf = (length: number) => ({ lastLength: length, total: async () => length, maxPageSize: 1_000 })

describe('planListPages', () => {
  it.each([
    { count: 1, length: 0, plan: [] },
    { count: 7, length: 0, plan: [] },
    { count: 8, length: 0, plan: pages(1, 1) },
    { count: 3, length: 50, plan: [] },
    { count: 3, length: 5_000, plan: [] },
    { count: 30, length: 50, plan: pages(1, 51) },
    { count: 30, length: 500, plan: pages(1, 501) },
    { count: 30, length: 5_000, plan: [] },
    { count: 100, length: 50, plan: pages(1, 51) },
    { count: 100, length: 500, plan: pages(1, 501) },
    { count: 100, length: 1_500, plan: pages(2, 1_000) },
    { count: 100, length: 5_000, plan: [] },
    { count: 300, length: 5_000, plan: pages(6, 1_000) },
  ])(
    'planListPages returns $plan.length pages for $count keys in a list of $length rows',
    async ({ count, length, plan }) => {
      expect(await planListPages(count, listOf(length))).toEqual(plan)
    },
  )

  it.each([
    { count: 7, reads: 0 },
    { count: 8, reads: 1 },
  ])('planListPages reads an unknown length $reads times for $count keys', async ({ count, reads }) => {
    let totalReads = 0
    const list = { ...listOf(0), lastLength: null, total: async () => totalReads++ }
    await planListPages(count, list)
    expect(totalReads).toBe(reads)
  })

  it('planListPages never prefers single lookups for more keys after a list for fewer keys', async () => {
    for (const length of [0, 10, 50, 200, 1_000, 5_000]) {
      const plans = await Promise.all(Array.from({ length: 300 }, (_, count) => planListPages(count, listOf(length))))
      const readsList = plans.map(plan => plan.length > 0)
      expect(readsList).toEqual(readsList.toSorted((a, b) => Number(a) - Number(b)))
    }
  })
})
