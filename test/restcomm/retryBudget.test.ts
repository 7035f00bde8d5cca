import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../src/restcomm/retryBudget.ts'

describe('a retry budget', () => {
  it('never lets retries be more than a tenth of the traffic, but for the first three', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('request', 'retry', 'envelope'), { maxLength: 2_000 }), happenings => {
        const budget = new RetryBudget()
        let requests = 0
        let retries = 0
        for (const happening of happenings) {
          if (happening === 'request') {
            budget.earn()
            requests++
          } else if (happening === 'retry' ? budget.spend() : budget.spendOnEnvelope()) {
            retries++
          }
          expect(retries - 3).toBeLessThanOrEqual((requests + retries) / 10)
        }
      }),
    )
  })

  it('has something for the first failure', () => {
    expect(new RetryBudget().spend()).toBe(true)
  })

  it('leaves a retry to requests that failed when envelopes have taken theirs', () => {
    const budget = new RetryBudget()
    while (budget.spendOnEnvelope());
    expect(budget.spend()).toBe(true)
  })

  it('does not save up without end', () => {
    const budget = new RetryBudget()
    for (let i = 0; i < 100_000; i++) budget.earn()
    let retries = 0
    while (budget.spend()) retries++
    expect(retries).toBe(100)
  })
})
