import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../../../src/restcomm/http/retryBudget.ts'

describe('a retry budget', () => {
  it('never lets retries be more than their share of the requests, but for those there are to begin with', () => {
    const shares = fc.record({ earned: fc.double({ min: 0.01, max: 0.5, noNaN: true }), initial: fc.nat(5) })
    fc.assert(
      fc.property(shares, fc.array(fc.boolean(), { maxLength: 2_000 }), (options, happenings) => {
        const budget = new RetryBudget(options)
        let requests = 0
        let retries = 0
        for (const isRequest of happenings) {
          if (isRequest) {
            budget.earn()
            requests++
          } else if (budget.spend()) {
            retries++
          }
          expect(retries).toBeLessThanOrEqual(options.initial + options.earned * requests + 1e-6)
        }
      }),
    )
  })

  it('gives what was earned', () => {
    const budget = new RetryBudget({ earned: 0.25, initial: 0 })
    for (let i = 0; i < 8; i++) budget.earn()
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false])
  })

  it('does not save up without end', () => {
    const budget = new RetryBudget({ earned: 1, initial: 0 })
    for (let i = 0; i < 100_000; i++) budget.earn()
    let retries = 0
    while (budget.spend()) retries++
    expect(retries).toBe(50)
  })
})
