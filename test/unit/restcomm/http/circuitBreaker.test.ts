import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Breaker } from '../../../../src/restcomm/http/circuitBreaker.ts'
import type { BreakerState } from '../../../../src/restcomm/http/observer.ts'

const OPEN_MS = 5_000

const opened = () => {
  const turns: BreakerState[] = []
  const breaker = new Breaker({ openMs: OPEN_MS, onTurn: state => turns.push(state) })
  for (let i = 0; i < 10; i++) breaker.settle(breaker.pass(), 'failure')
  return { breaker, turns }
}

describe('a breaker', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('opens when more than half of at least ten requests failed, and then refuses', () => {
    const breaker = new Breaker({ openMs: OPEN_MS, onTurn: () => undefined })
    for (let i = 0; i < 9; i++) breaker.settle(breaker.pass(), 'failure')
    expect(breaker.state).toBe('closed')
    for (let i = 0; i < 9; i++) breaker.settle(breaker.pass(), 'success')
    breaker.settle(breaker.pass(), 'unknown')
    expect(breaker.state).toBe('closed')
    breaker.settle(breaker.pass(), 'failure')
    expect(breaker.state).toBe('open')
    expect(() => breaker.pass()).toThrow('try again in 5 s')
    expect(() => breaker.check()).toThrow('left alone')
  })

  it('opens for no longer where the clock is put back', () => {
    const { breaker } = opened()
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(() => breaker.check()).toThrow('try again in 5 s')
    vi.advanceTimersByTime(OPEN_MS)
    expect(breaker.state).toBe('half-open')
  })

  it('lets one request through after a while, and closes when that is answered', () => {
    const { breaker, turns } = opened()
    vi.advanceTimersByTime(OPEN_MS)
    expect(breaker.state).toBe('half-open')
    const trial = breaker.pass()
    expect(trial).toBe(1)
    expect(() => breaker.pass()).toThrow('left alone')
    breaker.settle(trial, 'success')
    expect([breaker.state, turns]).toEqual(['closed', ['open', 'half-open', 'closed']])
    // What failed before counts no more.
    for (let i = 0; i < 8; i++) breaker.settle(breaker.pass(), 'failure')
    expect(breaker.state).toBe('closed')
  })

  it.each(['failure', 'unknown'] as const)('opens again when that one is a %s', verdict => {
    const { breaker, turns } = opened()
    vi.advanceTimersByTime(OPEN_MS)
    breaker.settle(breaker.pass(), verdict)
    expect([breaker.state, turns]).toEqual(['open', ['open', 'half-open', 'open']])
    expect(() => breaker.check()).toThrow('try again in 5 s')
  })

  it('is closed by an answer that only began, which otherwise counts for nothing', () => {
    const { breaker } = opened()
    vi.advanceTimersByTime(OPEN_MS)
    breaker.settle(breaker.pass(), 'alive')
    expect(breaker.state).toBe('closed')
    const other = new Breaker({ openMs: OPEN_MS, onTurn: () => undefined })
    for (let i = 0; i < 12; i++) other.settle(other.pass(), 'alive')
    for (let i = 0; i < 10; i++) other.settle(other.pass(), 'failure')
    expect(other.state).toBe('open')
  })

  it('is settled by its last trial, and not by one from before it opened again', () => {
    const breaker = new Breaker({ openMs: OPEN_MS, onTurn: () => undefined })
    const late = Array.from({ length: 20 }, () => breaker.pass())
    for (const passage of late.slice(0, 10)) breaker.settle(passage, 'failure')
    vi.advanceTimersByTime(OPEN_MS)
    const first = breaker.pass()
    breaker.settle(late[10] ?? 0, 'failure')
    expect(breaker.state).toBe('open')
    vi.advanceTimersByTime(OPEN_MS)
    const second = breaker.pass()
    breaker.settle(first, 'failure')
    expect(breaker.state).toBe('half-open')
    breaker.settle(second, 'success')
    expect(breaker.state).toBe('closed')
  })

  it('is not closed by what was sent before it opened', () => {
    const breaker = new Breaker({ openMs: OPEN_MS, onTurn: () => undefined })
    const early = breaker.pass()
    for (let i = 0; i < 10; i++) breaker.settle(breaker.pass(), 'failure')
    breaker.settle(early, 'success')
    expect(breaker.state).toBe('open')
  })
})
