import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../../../src/restcomm/http/retryBudget.ts'

describe('RetryBudget', () => {
  it('RetryBudget limits retries to the share of the requests plus the initial tokens', () => {
    const options = fc.record({
      depositPerRequest: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      initialTokens: fc.nat(5),
    })
    fc.assert(
      fc.property(options, fc.array(fc.boolean(), { maxLength: 2_000 }), (options, steps) => {
        const budget = new RetryBudget(options)
        let requests = 0
        let retries = 0
        for (const isRequest of steps) {
          if (isRequest) {
            budget.deposit()
            requests++
          } else if (budget.tryWithdraw()) {
            retries++
          }
          expect(retries).toBeLessThanOrEqual(options.initialTokens + options.depositPerRequest * requests + 1e-6)
        }
      }),
    )
  })

  it('RetryBudget allows as many retries as were deposited', () => {
    const budget = new RetryBudget({ depositPerRequest: 0.25, initialTokens: 0 })
    for (let i = 0; i < 8; i++) budget.deposit()
    expect([budget.tryWithdraw(), budget.tryWithdraw(), budget.tryWithdraw()]).toEqual([true, true, false])
  })

  it('RetryBudget saves at most 50 tokens', () => {
    const budget = new RetryBudget({ depositPerRequest: 1, initialTokens: 0 })
    for (let i = 0; i < 100_000; i++) budget.deposit()
    let retries = 0
    while (budget.tryWithdraw()) retries++
    expect(retries).toBe(50)
  })
})
