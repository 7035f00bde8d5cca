import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coveringPage } from '../../../src/relay/rowLocator.ts'

describe('coveringPage', () => {
  it.each([
    { offset: 0, count: 0, page: 0, size: 1 },
    { offset: 7, count: 0, page: 7, size: 1 },
    { offset: 0, count: 50, page: 0, size: 50 },
    { offset: 55, count: 10, page: 5, size: 11 },
    { offset: 4, count: 10, page: 0, size: 14 },
    { offset: 100, count: 50, page: 2, size: 50 },
    { offset: 3_999, count: 22, page: 148, size: 27 },
  ])(
    'coveringPage covers $count rows from row $offset with page $page of size $size',
    ({ offset, count, ...expected }) => {
      expect(coveringPage(offset, count, 1_000)).toEqual(expected)
    },
  )

  const offsets = fc.integer({ min: 0, max: 20_000 })
  const counts = fc.integer({ min: 0, max: 600 })

  it('coveringPage finds the smallest page within the limit that contains all rows, if possible', () => {
    fc.assert(
      fc.property(offsets, counts, fc.integer({ min: 1, max: 1_200 }), (offset, count, maxSize) => {
        const covers = (size: number) => (Math.floor(offset / size) + 1) * size >= offset + count
        const smallest = Array.from({ length: maxSize }, (_, i) => i + 1).find(size => size >= count && covers(size))
        expect(coveringPage(offset, count, maxSize)).toEqual(
          smallest === undefined ? null : { page: Math.floor(offset / smallest), size: smallest },
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('coveringPage reads at most three times the requested rows, and on average less than 34 % more', () => {
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
