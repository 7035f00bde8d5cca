import { describe, expect, it } from 'vitest'
import { planLookUps } from '../../../src/loaders/lookupPlan.ts'

const LOOK_UP = { by: 'look-up' }
const COUNT = { by: 'count' }
const list = (pages: number, size: number) => ({ by: 'list', pages, size })

describe('planLookUps', () => {
  it.each([
    { count: 1, length: null, plan: LOOK_UP },
    { count: 3, length: null, plan: LOOK_UP },
    { count: 7, length: null, plan: LOOK_UP },
    { count: 8, length: null, plan: COUNT },
    { count: 100, length: null, plan: COUNT },
    { count: 1, length: 0, plan: LOOK_UP },
    { count: 3, length: 0, plan: LOOK_UP },
    { count: 8, length: 0, plan: list(1, 1) },
    { count: 3, length: 50, plan: LOOK_UP },
    { count: 3, length: 5_000, plan: LOOK_UP },
    { count: 30, length: 50, plan: list(1, 51) },
    { count: 30, length: 500, plan: list(1, 501) },
    { count: 30, length: 5_000, plan: LOOK_UP },
    { count: 100, length: 50, plan: list(1, 51) },
    { count: 100, length: 500, plan: list(1, 501) },
    { count: 100, length: 1_500, plan: list(2, 1_000) },
    { count: 100, length: 5_000, plan: LOOK_UP },
    { count: 300, length: 5_000, plan: list(6, 1_000) },
  ])('finds $count of $length by $plan.by', ({ count, length, plan }) => {
    expect(planLookUps(count, length, 1_000)).toEqual(plan)
  })

  it('never reads a list for fewer look-ups when it does not for more', () => {
    for (const length of [0, 10, 50, 200, 1_000, 5_000]) {
      const plans = Array.from({ length: 300 }, (_, count) => planLookUps(count, length, 1_000).by)
      expect(plans).toEqual(plans.toSorted((a, b) => (a === b ? 0 : a === 'look-up' ? -1 : 1)))
    }
  })
})
