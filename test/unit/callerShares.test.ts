import { array, assert, boolean, constantFrom, integer, nat, property, record } from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CallerShares, Slot } from '../../src/callerShares.ts'
import { RecentCallers } from '../../src/restcomm/recentCallers.ts'

const holder = { cancel: () => undefined }
const callerOf = (clientId: string) => ({ clientId, credentialHash: clientId, isServiceAccount: false })

const createShares = (options: { max?: number; maxUnverified?: number; maxPerCaller?: number } = {}) => {
  const verified = new Set(['a', 'b', 'c'])
  const shares = new CallerShares({
    max: 10,
    maxUnverified: 6,
    ...options,
    isVerified: ({ clientId }) => verified.has(clientId),
    recentCallers: new RecentCallers(),
  })
  /** Takes units until the first refusal. */
  const takeAll = (clientId: string) => {
    const slots: Slot[] = []
    for (;;) {
      const slot = shares.acquire(callerOf(clientId), holder)
      if (!(slot instanceof Slot)) return { slots, refusal: slot }
      slots.push(slot)
    }
  }
  return { shares, verified, takeAll }
}

describe('CallerShares', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('a caller alone leaves an eighth of the units', () => {
    const { takeAll } = createShares({ max: 16 })
    expect(takeAll('a')).toMatchObject({ slots: { length: 14 }, refusal: 'share' })
    expect(takeAll('b')).toMatchObject({ slots: { length: 2 }, refusal: 'full' })
  })

  it('a caller may take half of the units while a second caller was active within the last minute', () => {
    const { shares, takeAll } = createShares()
    const slot = shares.acquire(callerOf('b'), holder)
    if (slot instanceof Slot) slot.release()
    vi.advanceTimersByTime(59_000)
    expect(takeAll('a')).toMatchObject({ slots: { length: 5 }, refusal: 'share' })
    vi.advanceTimersByTime(2_000)
    expect(takeAll('a')).toMatchObject({ slots: { length: 4 }, refusal: 'share' })
  })

  it('a refused caller counts as active, so that a caller with more than half of the units gets no further units', () => {
    const { shares, takeAll } = createShares({ max: 16 })
    const { slots } = takeAll('a')
    expect(takeAll('b')).toMatchObject({ slots: { length: 2 }, refusal: 'full' })
    for (const slot of slots.slice(0, 3)) slot.release()
    expect(takeAll('a').refusal).toBe('share')
    expect(takeAll('b').slots).toHaveLength(3)
    expect(shares.total).toBe(16)
  })

  it('a large slot counts with all its units, and fits while the caller has less than its share', () => {
    const { shares } = createShares({ max: 16 })
    const take = (clientId: string) => shares.acquire(callerOf(clientId), holder, 5)
    const first = take('a')
    expect(take('b')).toBeInstanceOf(Slot)
    expect([take('a'), take('a')]).toEqual([expect.any(Slot), 'share'])
    expect(shares.total).toBe(15)
    expect(take('b')).toBeInstanceOf(Slot)
    expect(take('c')).toBe('full')
    if (first instanceof Slot) first.release()
    expect(shares.total).toBe(15)
  })

  it('a caller never exceeds the maximum per caller', () => {
    const { takeAll } = createShares({ maxPerCaller: 3 })
    expect(takeAll('a')).toMatchObject({ slots: { length: 3 }, refusal: 'share' })
    expect(takeAll('unknown')).toMatchObject({ slots: { length: 3 }, refusal: 'share' })
  })

  it('an unverified caller with the most units loses the newest to the next unverified caller', () => {
    const { shares, takeAll } = createShares()
    expect(takeAll('u1').slots).toHaveLength(6)
    expect(takeAll('u2').slots).toHaveLength(3)
    expect(['u1', 'u2'].map(id => shares.countOf(callerOf(id)))).toEqual([3, 3])
    expect(takeAll('u3').slots).toHaveLength(2)
    expect(['u1', 'u2', 'u3'].map(id => shares.countOf(callerOf(id)))).toEqual([2, 2, 2])
    expect(takeAll('a').slots).toHaveLength(9)
  })

  it('the holder of a lost unit is cancelled, the newest first', () => {
    const { shares } = createShares({ maxUnverified: 3 })
    const cancelled: string[] = []
    for (const name of ['first', 'second', 'third']) {
      shares.acquire(callerOf('u1'), { cancel: ({ message }) => cancelled.push(`${name}: ${message}`) })
    }
    shares.acquire(callerOf('u2'), holder)
    expect(cancelled).toEqual([
      'third: The gateway runs too many operations of clients that Restcomm has not authenticated yet: retry in 1 s.',
    ])
  })

  it('invented credentials do not halve the share of the only verified caller', () => {
    const { takeAll } = createShares()
    takeAll('u1')
    expect(takeAll('a')).toMatchObject({ slots: { length: 9 } })
  })

  it('the units of a caller count as verified once Restcomm has accepted the credentials', () => {
    const { verified, takeAll } = createShares()
    takeAll('u1')
    verified.add('u1')
    expect(takeAll('u2').slots).toHaveLength(6)
    expect(takeAll('u1').slots).toHaveLength(3)
  })

  it('verified callers above the maximum leave no units for unverified callers, who could become verified', () => {
    const { takeAll } = createShares()
    takeAll('a')
    takeAll('b')
    expect(takeAll('u1')).toMatchObject({ slots: { length: 0 }, refusal: 'full' })
  })

  it('the counts are never negative, stay within the limits, and return to 0 after all releases in any order', () => {
    const step = record({
      id: constantFrom('a', 'b', 'u1', 'u2'),
      releases: boolean(),
      index: nat(30),
      accepts: boolean(),
      units: integer({ min: 1, max: 4 }),
    })
    assert(
      property(array(step, { maxLength: 60 }), steps => {
        const { shares, verified } = createShares()
        const slots: Slot[] = []
        for (const { id, releases, index, accepts, units } of steps) {
          if (accepts && index % 5 === 0) verified.add(id)
          if (releases) {
            // A released slot stays in the list, so that slots are released several times.
            slots[index % (slots.length || 1)]?.release()
          } else {
            const slot = shares.acquire(callerOf(id), holder, units)
            if (slot instanceof Slot) slots.push(slot)
          }
          expect(shares.total).toBeGreaterThanOrEqual(0)
          // The last slot exceeds the maximum by up to 3 units, and 6 unverified slots can become verified.
          expect(shares.total).toBeLessThanOrEqual(10 + 3 + 6 * 4)
          for (const caller of ['a', 'b', 'u1', 'u2'])
            expect(shares.countOf(callerOf(caller))).toBeGreaterThanOrEqual(0)
        }
        for (const slot of slots) slot.release()
        expect(shares.total).toBe(0)
        expect(shares.countOf(callerOf('a'))).toBe(0)
      }),
    )
  })
})
