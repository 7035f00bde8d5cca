import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../../../../src/restcomm/http/circuitBreaker.ts'

describe('CircuitBreaker', () => {
  it('a run of failures is long enough with three failures that lie over a second', () => {
    const breaker = new CircuitBreaker()
    expect(breaker.recordFailure(0, 10)).toBe(false)
    expect(breaker.recordFailure(5_000, 9_000)).toBe(false)
    expect(breaker.recordFailure(5_000, 9_000)).toBe(true)
  })

  it('many failures within less than a second are no run that is long enough', () => {
    const breaker = new CircuitBreaker()
    for (let now = 0; now < 1_000; now++) expect(breaker.recordFailure(now, now)).toBe(false)
    expect(breaker.recordFailure(1_000, 1_000)).toBe(true)
  })

  it('a success ends a run, and the next run begins after the success although its requests started before', () => {
    const breaker = new CircuitBreaker()
    breaker.recordFailure(0, 4_000)
    breaker.recordFailure(0, 4_000)
    breaker.recordSuccess(4_000)
    expect([1, 2, 3].map(() => breaker.recordFailure(0, 4_999))).toEqual([false, false, false])
    expect(breaker.recordFailure(0, 5_000)).toBe(true)
  })

  it('the rate of requests does not matter: hanging requests with a timeout of 4 s are noticed after the third timeout', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), intervalMs => {
        const breaker = new CircuitBreaker()
        const noticed = [0, 1, 2].map(i => breaker.recordFailure(i * intervalMs, i * intervalMs + 4_000))
        expect(noticed).toEqual([false, false, true])
      }),
    )
  })
})
