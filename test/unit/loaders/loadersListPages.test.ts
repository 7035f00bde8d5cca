import { describe, expect, it } from 'vitest'
import { planListPages } from '../../../src/loaders/loaders.ts'

const pages = (pageCount: number, size: number) => Array.from({ length: pageCount }, (_, page) => ({ page, size }))

describe('planListPages', () => {
  it.each([
    { count: 1, length: 0, plan: [] },
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
    ({ count, length, plan }) => {
      expect(planListPages(count, length, 1_000)).toEqual(plan)
    },
  )

  it('planListPages never prefers single lookups for more keys after a list for fewer keys', () => {
    for (const length of [0, 10, 50, 200, 1_000, 5_000]) {
      const readsList = Array.from({ length: 300 }, (_, count) => planListPages(count, length, 1_000).length > 0)
      expect(readsList).toEqual(readsList.toSorted((a, b) => Number(a) - Number(b)))
    }
  })
})
