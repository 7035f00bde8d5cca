import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowBudget, readAllRows } from '../../../src/loaders/readAllRows.ts'
import type { OffsetPageRequest } from '../../../src/relay/rowLocator.ts'
import { DecodingError } from '../../../src/restcomm/errors.ts'
import { MemoryList, numberedRows } from '../../support/memoryList.ts'

class FakeUpstream {
  /** Rows read at least once. */
  distinctRows = 0
  pagesRead = 0
  inFlight = 0
  /** Maximum number of pages read at the same time. */
  mostInFlight = 0
  maxPageSize = 10
  /** Maximum number of rows in a page. */
  cap = 10
  invalidations = 0
  /** Called before each response. */
  beforeResponse: (pagesRead: number) => void = () => undefined

  reader(rows: string[], total: () => number = () => rows.length) {
    const seen = new Set<string>()
    const upstream = this
    return {
      get maxPageSize() {
        return upstream.maxPageSize
      },
      idOf: (row: string) => row,
      read: async ({ page, size: requestedSize }: OffsetPageRequest) => {
        this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
        await setImmediate()
        this.inFlight--
        this.beforeResponse(++this.pagesRead)
        const size = Math.min(requestedSize, this.cap)
        if (size < requestedSize) this.maxPageSize = size
        const start = page * size
        const pageRows = rows.slice(start, start + size)
        this.distinctRows -= seen.size
        for (const row of pageRows) seen.add(row)
        this.distinctRows += seen.size
        return { start, rows: pageRows, atEnd: pageRows.length < size }
      },
      total: async () => total(),
      recount: async () => rows.length,
      clear: () => {
        this.invalidations++
      },
      tryConsumeSearchPage: () => true,
      cursorDrifted: () => undefined,
    }
  }
}

const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' ? (result.reason.extensions?.code ?? result.reason.message) : null

it('readAllRows reads four pages at the same time after the first page', async () => {
  const upstream = new FakeUpstream()
  expect(await readAllRows(upstream.reader(numberedRows(95)), 100, new RowBudget(100))).toHaveLength(95)
  expect(upstream.mostInFlight).toBe(4)
})

it('readAllRows reads the pages beyond the reported total one by one', async () => {
  const upstream = new FakeUpstream()
  const reader = upstream.reader(numberedRows(95), () => 11)
  expect(await readAllRows(reader, 100, new RowBudget(100))).toHaveLength(95)
  expect(upstream.mostInFlight).toBe(1)
})

it('readAllRows continues after a first page that was capped by the server', async () => {
  const upstream = new FakeUpstream()
  upstream.cap = 7
  expect(await readAllRows(upstream.reader(numberedRows(40)), 40, new RowBudget(40))).toEqual(numberedRows(40))
  expect(upstream.invalidations).toBe(0)
})

describe('readAllRows with a budget shared by several lists', () => {
  it('readAllRows reads several lists if the shared budget covers the lists exactly', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lengths, async lengths => {
        const upstream = new FakeUpstream()
        const budget = new RowBudget(lengths.reduce((sum, length) => sum + length, 0))
        const read = lengths.map(length => readAllRows(upstream.reader(numberedRows(length)), 40, budget))
        expect((await Promise.all(read)).map(rows => rows.length)).toEqual(lengths)
      }),
      { numRuns: 60 },
    )
  })

  it('readAllRows never returns more rows than the budget shared by several lists', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 40, max: 100 }), async (lengths, maxRows) => {
        const upstream = new FakeUpstream()
        const budget = new RowBudget(maxRows)
        const results = await Promise.allSettled(
          lengths.map(length => readAllRows(upstream.reader(numberedRows(length)), 40, budget)),
        )
        const returned = results.map(result => (result.status === 'fulfilled' ? result.value.length : 0))
        expect(returned.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(maxRows)
        // Each list may read a single row beyond the budget.
        expect(upstream.distinctRows).toBeLessThanOrEqual(maxRows + lengths.length)
        for (const [i, length] of lengths.entries()) {
          const result = results[i]
          if (result?.status === 'fulfilled') expect(result.value).toEqual(numberedRows(length))
          else expect(result && codeOf(result)).toBe('LIST_TOO_LARGE')
        }
      }),
      { numRuns: 200 },
    )
  })

  it('readAllRows allows a single list to use the whole budget', async () => {
    for (const length of [1, 9, 10, 11, 19, 20, 40]) {
      const upstream = new FakeUpstream()
      const rows = await readAllRows(upstream.reader(numberedRows(length)), length, new RowBudget(length))
      expect(rows).toHaveLength(length)
    }
  })

  it.each([1, 5, 9, 10])(
    'readAllRows allows a list of exactly the %i remaining rows of the budget',
    async remaining => {
      const upstream = new FakeUpstream()
      const budget = new RowBudget(30 + remaining)
      await readAllRows(upstream.reader(numberedRows(30)), 30, budget)
      const more = await Promise.allSettled([readAllRows(upstream.reader(numberedRows(remaining + 1)), 30, budget)])
      expect(more.map(codeOf)).toEqual(['LIST_TOO_LARGE'])

      const other = new RowBudget(30 + remaining)
      await readAllRows(upstream.reader(numberedRows(30)), 30, other)
      expect(await readAllRows(upstream.reader(numberedRows(remaining)), 30, other)).toHaveLength(remaining)
    },
  )
})

describe('the row budget of readAllRows', () => {
  it('readAllRows returns to the budget the rows missing from a list shorter than the reported total', async () => {
    const upstream = new FakeUpstream()
    const budget = new RowBudget(40)
    expect(
      await readAllRows(
        upstream.reader(numberedRows(15), () => 38),
        40,
        budget,
      ),
    ).toHaveLength(15)
    expect(await readAllRows(upstream.reader(numberedRows(25)), 40, budget)).toHaveLength(25)
  })

  it('readAllRows returns the rows of a failed read to the budget', async () => {
    const upstream = new FakeUpstream()
    const budget = new RowBudget(40)
    upstream.beforeResponse = pagesRead => {
      if (pagesRead === 1) throw new Error('reset')
    }
    const first = await Promise.allSettled([readAllRows(upstream.reader(numberedRows(40)), 40, budget)])
    expect(first.map(codeOf)).toEqual(['reset'])
    expect(await readAllRows(upstream.reader(numberedRows(40)), 40, budget)).toHaveLength(40)
  })

  it('readAllRows charges the budget for rows beyond the reported total', async () => {
    const upstream = new FakeUpstream()
    const budget = new RowBudget(40)
    expect(
      await readAllRows(
        upstream.reader(numberedRows(30), () => 12),
        40,
        budget,
      ),
    ).toHaveLength(30)
    const more = await Promise.allSettled([
      readAllRows(
        upstream.reader(numberedRows(30), () => 12),
        40,
        budget,
      ),
    ])
    expect(more.map(codeOf)).toEqual(['LIST_TOO_LARGE'])
  })

  it('readAllRows charges the budget for rows once if the list is read again after removed rows', async () => {
    const upstream = new FakeUpstream()
    const rows = numberedRows(40)
    upstream.beforeResponse = pagesRead => {
      if (pagesRead === 2) rows.shift()
    }
    const budget = new RowBudget(40)
    expect(await readAllRows(upstream.reader(rows), 40, budget)).toEqual(rows)
    expect(rows).toHaveLength(39)
    expect(upstream.pagesRead).toBeGreaterThan(6)
  })
})

it('readAllRows keeps equal rows without a valid identity, numbers them, and repeats none at the page borders', async () => {
  const list = new MemoryList(numberedRows(30), 7)
  const unreadable = new Set([0, 6, 7, 12, 29])
  const read = async (request: OffsetPageRequest) => {
    const page = await list.read(request)
    const rows = page.rows.map((row, i) => (unreadable.has(page.start + i) ? new DecodingError('', '-') : row))
    return { ...page, rows }
  }
  const reader = {
    maxPageSize: 7,
    read,
    idOf: (row: string | DecodingError) => (row instanceof DecodingError ? row.rowId : row),
    total: () => list.total(),
    recount: () => list.recount(),
    clear: () => undefined,
    tryConsumeSearchPage: () => true,
    cursorDrifted: () => undefined,
  }
  const rows = await readAllRows(reader, 100, new RowBudget(100))
  const ids = ['--0', '--1', '--2', '--3', '--4']
  const expected = numberedRows(30).map((row, i) => (unreadable.has(i) ? ids.shift() : row))
  expect(rows.map(reader.idOf)).toEqual(expected)
})
