import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PageReader } from '../../../src/loaders/pageReader.ts'
import { RowBudget } from '../../../src/loaders/rowBudget.ts'
import { readWhole } from '../../../src/loaders/readAll.ts'
import type { PagedList } from '../../../src/restcomm/client.ts'
import { rowsNamed } from '../../support/memoryList.ts'

/** Counts what is read of all its lists. */
class Upstream {
  /** Of these, how many times each was read does not count. */
  distinctRows = 0
  pagesRead = 0
  maximumPageSize = 10
  /** What a page that is larger is shortened to. */
  cap = 10
  forgotten = 0
  /** What happens before a page is answered. */
  beforeAnswer: (pages: number) => void = () => undefined

  reader(rows: string[], total: () => number = () => rows.length): PageReader<string> {
    const seen = new Set<string>()
    const upstream = this
    const list: PagedList<string> = {
      get maximumPageSize() {
        return upstream.maximumPageSize
      },
      readPage: async ({ page, size: asked }) => {
        await new Promise(resolve => setTimeout(resolve, 0))
        this.beforeAnswer(++this.pagesRead)
        const size = Math.min(asked, this.cap)
        if (size < asked) this.maximumPageSize = size
        const start = page * size
        const answer = rows.slice(start, start + size)
        this.distinctRows -= seen.size
        for (const row of answer) seen.add(row)
        this.distinctRows += seen.size
        return { start, rows: answer, atEnd: answer.length < size, total: total(), claimedTotal: null }
      },
      count: async () => total(),
      recount: async () => rows.length,
      forget: () => {
        this.forgotten++
      },
    }
    return new PageReader(
      list,
      row => row,
      () => undefined,
      () => undefined,
    )
  }
}

const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' ? (result.reason.extensions?.code ?? result.reason.message) : null

it('a list is read on from where its first page ends, also where that turned out to be shortened', async () => {
  const upstream = new Upstream()
  upstream.cap = 7
  expect(await readWhole(upstream.reader(rowsNamed(40)), 40, new RowBudget(40))).toEqual(rowsNamed(40))
  expect(upstream.forgotten).toBe(0)
})

describe('the rows of several lists', () => {
  it('are all read where they are not too many together, whatever their lengths', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lengths, async lengths => {
        const upstream = new Upstream()
        const budget = new RowBudget(lengths.reduce((sum, length) => sum + length, 0))
        const read = lengths.map(length => readWhole(upstream.reader(rowsNamed(length)), 40, budget))
        expect((await Promise.all(read)).map(rows => rows.length)).toEqual(lengths)
      }),
      { numRuns: 60 },
    )
  })

  it('are never more than that, whatever their lengths', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 40, max: 100 }), async (lengths, maximum) => {
        const upstream = new Upstream()
        const budget = new RowBudget(maximum)
        const results = await Promise.allSettled(
          lengths.map(length => readWhole(upstream.reader(rowsNamed(length)), 40, budget)),
        )
        const arrived = results.map(result => (result.status === 'fulfilled' ? result.value.length : 0))
        expect(arrived.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(maximum)
        // Of each list, the first that is too many may have been seen.
        expect(upstream.distinctRows).toBeLessThanOrEqual(maximum + lengths.length)
        for (const [i, length] of lengths.entries()) {
          const result = results[i]
          if (result?.status === 'fulfilled') expect(result.value).toEqual(rowsNamed(length))
          else expect(result && codeOf(result)).toBe('LIST_TOO_LARGE')
        }
      }),
      { numRuns: 200 },
    )
  })

  it('one of them alone may be all', async () => {
    for (const length of [1, 9, 10, 11, 19, 20, 40]) {
      const upstream = new Upstream()
      const rows = await readWhole(upstream.reader(rowsNamed(length)), length, new RowBudget(length))
      expect(rows).toHaveLength(length)
    }
  })

  it.each([1, 5, 9, 10])('the last of them may have the %i that are left, and not one more', async left => {
    const upstream = new Upstream()
    const budget = new RowBudget(30 + left)
    await readWhole(upstream.reader(rowsNamed(30)), 30, budget)
    const more = await Promise.allSettled([readWhole(upstream.reader(rowsNamed(left + 1)), 30, budget)])
    expect(more.map(codeOf)).toEqual(['LIST_TOO_LARGE'])

    const other = new RowBudget(30 + left)
    await readWhole(upstream.reader(rowsNamed(30)), 30, other)
    expect(await readWhole(upstream.reader(rowsNamed(left)), 30, other)).toHaveLength(left)
  })
})

describe('of the rows that a list may have', () => {
  it('those are given back that its total told of and that did not come', async () => {
    const upstream = new Upstream()
    const budget = new RowBudget(40)
    expect(
      await readWhole(
        upstream.reader(rowsNamed(15), () => 38),
        40,
        budget,
      ),
    ).toHaveLength(15)
    expect(await readWhole(upstream.reader(rowsNamed(25)), 40, budget)).toHaveLength(25)
  })

  it('those are given back that failed to come', async () => {
    const upstream = new Upstream()
    const budget = new RowBudget(40)
    upstream.beforeAnswer = pages => {
      if (pages === 1) throw new Error('reset')
    }
    const first = await Promise.allSettled([readWhole(upstream.reader(rowsNamed(40)), 40, budget)])
    expect(first.map(codeOf)).toEqual(['reset'])
    expect(await readWhole(upstream.reader(rowsNamed(40)), 40, budget)).toHaveLength(40)
  })

  it('those are counted that its total did not tell of', async () => {
    const upstream = new Upstream()
    const budget = new RowBudget(40)
    expect(
      await readWhole(
        upstream.reader(rowsNamed(30), () => 12),
        40,
        budget,
      ),
    ).toHaveLength(30)
    const more = await Promise.allSettled([
      readWhole(
        upstream.reader(rowsNamed(30), () => 12),
        40,
        budget,
      ),
    ])
    expect(more.map(codeOf)).toEqual(['LIST_TOO_LARGE'])
  })

  it('those are counted once that are read again, since others left meanwhile', async () => {
    const upstream = new Upstream()
    const rows = rowsNamed(40)
    upstream.beforeAnswer = pages => {
      if (pages === 2) rows.shift()
    }
    const budget = new RowBudget(40)
    expect(await readWhole(upstream.reader(rows), 40, budget)).toEqual(rows)
    expect(rows).toHaveLength(39)
    expect(upstream.pagesRead).toBeGreaterThan(6)
  })
})
