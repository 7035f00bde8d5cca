import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CircuitBreaker } from '../../../../src/restcomm/http/upstreamBreakers.ts'
import type { BreakerState } from '../../../../src/restcomm/http/upstreamObserver.ts'

const OPEN_MS = 5_000

const createBreaker = () => new CircuitBreaker(OPEN_MS)

const openBreaker = () => {
  const transitions: BreakerState[] = []
  const breaker = new CircuitBreaker(OPEN_MS, state => transitions.push(state))
  for (let i = 0; i < 10; i++) breaker.release(breaker.acquire(), 'failure')
  return { breaker, transitions }
}

describe('CircuitBreaker', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('a circuit breaker opens when more than half of at least ten requests fail, and then rejects requests', () => {
    const breaker = createBreaker()
    for (let i = 0; i < 9; i++) breaker.release(breaker.acquire(), 'failure')
    expect(breaker.state).toBe('closed')
    for (let i = 0; i < 9; i++) breaker.release(breaker.acquire(), 'success')
    breaker.release(breaker.acquire(), 'unknown')
    expect(breaker.state).toBe('closed')
    breaker.release(breaker.acquire(), 'failure')
    expect(breaker.state).toBe('open')
    expect(() => breaker.acquire()).toThrow('try again in 5 s')
    expect(() => breaker.assertAvailable()).toThrow('circuit breaker open')
  })

  it('a circuit breaker stays open for the configured time when the system clock is set back', () => {
    const { breaker } = openBreaker()
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(() => breaker.assertAvailable()).toThrow('try again in 5 s')
    vi.advanceTimersByTime(OPEN_MS)
    expect(breaker.state).toBe('half-open')
  })

  it('a circuit breaker sends one trial request after the open time, and closes when the trial succeeds', () => {
    const { breaker, transitions } = openBreaker()
    vi.advanceTimersByTime(OPEN_MS)
    expect(breaker.state).toBe('half-open')
    const trial = breaker.acquire()
    expect(trial).toBe(1)
    expect(() => breaker.acquire()).toThrow('circuit breaker open')
    breaker.release(trial, 'success')
    expect([breaker.state, transitions]).toEqual(['closed', ['open', 'half-open', 'closed']])
    // Failures from before the breaker opened no longer count.
    for (let i = 0; i < 8; i++) breaker.release(breaker.acquire(), 'failure')
    expect(breaker.state).toBe('closed')
  })

  it.each(['failure', 'unknown'] as const)(
    'a circuit breaker reopens when the outcome of the trial request is "%s"',
    outcome => {
      const { breaker, transitions } = openBreaker()
      vi.advanceTimersByTime(OPEN_MS)
      breaker.release(breaker.acquire(), outcome)
      expect([breaker.state, transitions]).toEqual(['open', ['open', 'half-open', 'open']])
      expect(() => breaker.assertAvailable()).toThrow('try again in 5 s')
    },
  )

  it('a circuit breaker closes after a trial request with the outcome "reachable", which is otherwise not counted', () => {
    const { breaker } = openBreaker()
    vi.advanceTimersByTime(OPEN_MS)
    breaker.release(breaker.acquire(), 'reachable')
    expect(breaker.state).toBe('closed')
    const second = createBreaker()
    for (let i = 0; i < 12; i++) second.release(second.acquire(), 'reachable')
    for (let i = 0; i < 10; i++) second.release(second.acquire(), 'failure')
    expect(second.state).toBe('open')
  })

  it('a circuit breaker ignores the outcome of an older trial request after reopening', () => {
    const breaker = createBreaker()
    const early = Array.from({ length: 20 }, () => breaker.acquire())
    for (const trial of early.slice(0, 10)) breaker.release(trial, 'failure')
    vi.advanceTimersByTime(OPEN_MS)
    const firstTrial = breaker.acquire()
    breaker.release(early[10] ?? 0, 'failure')
    expect(breaker.state).toBe('open')
    vi.advanceTimersByTime(OPEN_MS)
    const secondTrial = breaker.acquire()
    breaker.release(firstTrial, 'failure')
    expect(breaker.state).toBe('half-open')
    breaker.release(secondTrial, 'success')
    expect(breaker.state).toBe('closed')
  })

  it('a circuit breaker stays open when a request from before the opening succeeds', () => {
    const breaker = createBreaker()
    const early = breaker.acquire()
    for (let i = 0; i < 10; i++) breaker.release(breaker.acquire(), 'failure')
    breaker.release(early, 'success')
    expect(breaker.state).toBe('open')
  })
})
