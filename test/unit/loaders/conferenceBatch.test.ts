import { describe, expect, it } from 'vitest'
import { planLookups } from '../../../src/loaders/conferenceBatch.ts'

const SINGLE = { strategy: 'single' }
const COUNT = { strategy: 'count' }
const list = (pageCount: number, pageSize: number) => ({ strategy: 'list', pageCount, pageSize })

describe('planLookups', () => {
  it.each([
    { count: 1, length: null, plan: SINGLE },
    { count: 3, length: null, plan: SINGLE },
    { count: 7, length: null, plan: SINGLE },
    { count: 8, length: null, plan: COUNT },
    { count: 100, length: null, plan: COUNT },
    { count: 1, length: 0, plan: SINGLE },
    { count: 3, length: 0, plan: SINGLE },
    { count: 8, length: 0, plan: list(1, 1) },
    { count: 3, length: 50, plan: SINGLE },
    { count: 3, length: 5_000, plan: SINGLE },
    { count: 30, length: 50, plan: list(1, 51) },
    { count: 30, length: 500, plan: list(1, 501) },
    { count: 30, length: 5_000, plan: SINGLE },
    { count: 100, length: 50, plan: list(1, 51) },
    { count: 100, length: 500, plan: list(1, 501) },
    { count: 100, length: 1_500, plan: list(2, 1_000) },
    { count: 100, length: 5_000, plan: SINGLE },
    { count: 300, length: 5_000, plan: list(6, 1_000) },
  ])(
    'planLookups returns the strategy $plan.strategy for $count keys in a list of $length rows',
    ({ count, length, plan }) => {
      expect(planLookups(count, length, 1_000)).toEqual(plan)
    },
  )

  it('planLookups never prefers single lookups for more keys after a list for fewer keys', () => {
    for (const length of [0, 10, 50, 200, 1_000, 5_000]) {
      const plans = Array.from({ length: 300 }, (_, count) => planLookups(count, length, 1_000).strategy)
      expect(plans).toEqual(plans.toSorted((a, b) => (a === b ? 0 : a === 'single' ? -1 : 1)))
    }
  })
})
