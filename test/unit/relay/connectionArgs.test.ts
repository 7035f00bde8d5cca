import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coveringPage, windowOf } from '../../../src/relay/connectionArgs.ts'

const LIMITS = { defaultSize: 50, maximumSize: 500 }

describe('windowOf', () => {
  it.each([
    { args: {}, from: 'front', size: 50 },
    { args: { first: 7 }, from: 'front', size: 7 },
    { args: { first: 0 }, from: 'front', size: 0 },
    { args: { last: 3 }, from: 'back', size: 3 },
    { args: { last: 500 }, from: 'back', size: 500 },
    { args: { first: null, last: null, before: 'x' }, from: 'front', size: 50 },
    { args: { last: 0, first: null }, from: 'back', size: 0 },
  ])('takes $args as $size edges from the $from', ({ args, from, size }) => {
    expect(windowOf(args, LIMITS)).toMatchObject({ from, size })
  })

  it.each([
    { args: { first: 1, last: 1 }, message: 'Give `first` or `last`, not both.' },
    { args: { first: 0, last: 0 }, message: 'Give `first` or `last`, not both.' },
    { args: { first: -1 }, message: '`first` must not be negative; it was -1.' },
    { args: { last: -5 }, message: '`last` must not be negative; it was -5.' },
    { args: { first: 501 }, message: '`first` must be at most 500 (MAX_PAGE_SIZE); it was 501.' },
    { args: { last: 501 }, message: '`last` must be at most 500 (MAX_PAGE_SIZE); it was 501.' },
  ])('refuses $args', ({ args, message }) => {
    expect(() => windowOf(args, LIMITS)).toThrow(
      expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } }),
    )
  })
})

describe('coveringPage', () => {
  it.each([
    { offset: 0, count: 0, page: 0, size: 1 },
    { offset: 7, count: 0, page: 7, size: 1 },
    { offset: 0, count: 50, page: 0, size: 50 },
    { offset: 55, count: 10, page: 5, size: 11 },
    { offset: 4, count: 10, page: 0, size: 14 },
    { offset: 100, count: 50, page: 2, size: 50 },
    { offset: 3_999, count: 22, page: 148, size: 27 },
  ])('covers $count rows from $offset on with page $page of $size', ({ offset, count, ...want }) => {
    expect(coveringPage(offset, count, 1_000)).toEqual(want)
  })

  const offsets = fc.integer({ min: 0, max: 20_000 })
  const counts = fc.integer({ min: 0, max: 600 })

  it('finds the smallest page within the bound that holds the whole window, if there is one', () => {
    fc.assert(
      fc.property(offsets, counts, fc.integer({ min: 1, max: 1_200 }), (offset, count, maximum) => {
        const covers = (size: number) => (Math.floor(offset / size) + 1) * size >= offset + count
        const smallest = Array.from({ length: maximum }, (_, i) => i + 1).find(size => size >= count && covers(size))
        expect(coveringPage(offset, count, maximum)).toEqual(
          smallest === undefined ? null : { page: Math.floor(offset / smallest), size: smallest },
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads at most three rows for each that is shown, and on average not a third more', () => {
    for (const count of [10, 20, 50, 100]) {
      const sizes = Array.from(
        { length: 20_001 },
        (_, offset) => (coveringPage(offset, count, 1_000)?.size ?? Number.NaN) / count,
      )
      expect(Math.max(...sizes)).toBeLessThan(3)
      expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(1.34)
    }
  })
})
