import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../../../../src/restcomm/http/circuitBreaker.ts'

describe('CircuitBreaker', () => {
  it('a run of failures is long enough with three failures that lie over a second', () => {
    const breaker = new CircuitBreaker()
    expect(breaker.recordFailure(0, 10, null)).toBe(false)
    expect(breaker.recordFailure(5_000, 9_000, null)).toBe(false)
    expect(breaker.recordFailure(5_000, 9_000, null)).toBe(true)
  })

  it('many failures within less than a second are no run that is long enough', () => {
    const breaker = new CircuitBreaker()
    for (let now = 0; now < 1_000; now++) expect(breaker.recordFailure(now, now, null)).toBe(false)
    expect(breaker.recordFailure(1_000, 1_000, null)).toBe(true)
  })

  it('a success ends a run, and the next run begins after the success although its requests started before', () => {
    const breaker = new CircuitBreaker()
    breaker.recordFailure(0, 4_000, null)
    breaker.recordFailure(0, 4_000, null)
    breaker.recordSuccess(4_000)
    expect([1, 2, 3].map(() => breaker.recordFailure(0, 4_999, null))).toEqual([false, false, false])
    expect(breaker.recordFailure(0, 5_000, null)).toBe(true)
  })

  it('a run has several sources after failures of two sources or a failure without a source', () => {
    const sourcesOf = (...sources: (string | null)[]) => {
      const breaker = new CircuitBreaker()
      for (const source of sources) breaker.recordFailure(0, 0, source)
      return breaker.hasSeveralSources
    }
    expect(sourcesOf('a', 'a', 'a')).toBe(false)
    expect(sourcesOf('a', 'b')).toBe(true)
    expect(sourcesOf('a', null)).toBe(true)
    expect(sourcesOf(null)).toBe(true)
  })

  it('the rate of requests does not matter: hanging requests with a timeout of 4 s are noticed after the third timeout', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), intervalMs => {
        const breaker = new CircuitBreaker()
        const noticed = [0, 1, 2].map(i => breaker.recordFailure(i * intervalMs, i * intervalMs + 4_000, null))
        expect(noticed).toEqual([false, false, true])
      }),
    )
  })
})
