import fc from 'fast-check'
import { connectionFromArraySlice, offsetToCursor } from 'graphql-relay'
import { describe, expect, it } from 'vitest'
import type { ConnectionPage } from '../../../src/relay/connection.ts'
import { type OffsetWindow, readOffsetPage } from '../../../src/relay/offsetConnection.ts'
import { MemoryList, numberedRows } from '../../support/memoryList.ts'

const FINGERPRINT = 'fingerprin'

const toPage = (page: ConnectionPage<string>) => ({
  rows: page.nodes,
  hasPreviousPage: page.hasPreviousPage,
  hasNextPage: page.hasNextPage,
})

/** The expected page, cut from the whole list. Empty if `before` precedes `after`. */
const slice = (rows: readonly string[], { direction, size, after, before }: OffsetWindow) => {
  const start = after === null ? 0 : after.position + 1
  const end = before === null ? rows.length : before.position
  const [first, beyond] =
    direction === 'forward'
      ? [start, Math.max(start, Math.min(end, start + size))]
      : [Math.min(end, Math.max(start, end - size)), end]
  return { rows: rows.slice(first, beyond), hasPreviousPage: first > 0, hasNextPage: beyond < rows.length }
}

const lengths = fc.oneof(fc.constantFrom(0, 1, 49, 50, 51, 100, 101, 137, 5_000), fc.integer({ min: 0, max: 300 }))

/** The length of a list, and a window with cursors of existing rows. */
const listAndWindow = lengths.chain(length => {
  const position = length === 0 ? fc.constant(null) : fc.option(fc.integer({ min: 0, max: length - 1 }))
  const cursor = position.map(at => (at === null ? null : { position: at, id: `r${at}` }))
  return fc.record({
    length: fc.constant(length),
    window: fc.record({
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      size: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 500 })),
      after: cursor,
      before: cursor,
      fingerprint: fc.constant(FINGERPRINT),
    }),
  })
})

describe('readOffsetPage of an unchanged list', () => {
  it('readOffsetPage of an unchanged list returns the same page as slicing the whole list, in both directions and with any cursors', async () => {
    await fc.assert(
      fc.asyncProperty(
        listAndWindow,
        fc.constantFrom(1_000, 1_000, 40, 7, 1),
        async ({ length, window }, maxPageSize) => {
          const rows = numberedRows(length)
          expect(toPage(await readOffsetPage(new MemoryList(rows, maxPageSize), window))).toEqual(slice(rows, window))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('readOffsetPage of an unchanged list needs a single request, and a total only for `last` without `before`', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        // If `before` precedes `after`, the row of the cursor is searched with an additional request.
        const { after, before } = window
        fc.pre(after === null || before === null || after.position < before.position)
        const list = new MemoryList(numberedRows(length))
        await readOffsetPage(list, window)
        expect(list.requests.length).toBeLessThanOrEqual(1)
        expect(list.totalReads).toBe(window.direction === 'backward' && before === null ? 1 : 0)
      }),
      { numRuns: 3_000 },
    )
  })

  it('readOffsetPage of an unchanged list never requests a page past the end', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const list = new MemoryList(numberedRows(length))
        await readOffsetPage(list, window)
        for (const { page, size } of list.requests) expect(page).toBeLessThanOrEqual(Math.floor(length / size))
      }),
      { numRuns: 3_000 },
    )
  })

  it('readOffsetPage of an unchanged list reads at most three times the required rows', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const list = new MemoryList(numberedRows(length))
        await readOffsetPage(list, window)
        const read = list.requests.reduce((sum, { size }) => sum + size, 0)
        // Besides the page: the cursor's row and the row after the page. For some positions, all small page sizes
        // separate two adjacent rows, so a larger page is necessary.
        expect(read).toBeLessThanOrEqual(3 * (window.size + 2) + 5)
      }),
      { numRuns: 3_000 },
    )
  })

  it.each(['forward', 'backward'] as const)(
    'readOffsetPage %s between two cursors reads only the rows between the cursors, whatever the page size',
    async direction => {
      const list = new MemoryList(numberedRows(1_000))
      const cursors = { after: { position: 100, id: 'r100' }, before: { position: 103, id: 'r103' } }
      const window = { direction, size: 500, fingerprint: FINGERPRINT, ...cursors }
      expect(toPage(await readOffsetPage(list, window)).rows).toEqual(['r101', 'r102'])
      expect(list.requests).toEqual([{ page: 25, size: 4 }])
    },
  )

  it('readOffsetPage of an unchanged list returns the same edges as graphql-relay', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const rows = numberedRows(length)
        const { edges } = connectionFromArraySlice(
          rows,
          {
            [window.direction === 'forward' ? 'first' : 'last']: window.size,
            after: window.after && offsetToCursor(window.after.position),
            before: window.before && offsetToCursor(window.before.position),
          },
          { sliceStart: 0, arrayLength: length },
        )
        // graphql-relay does not define the result if `before` precedes `after`.
        fc.pre(window.after === null || window.before === null || window.after.position < window.before.position)
        const page = await readOffsetPage(new MemoryList(rows), window)
        expect(page.nodes).toEqual(edges.map(edge => edge.node))
      }),
      { numRuns: 2_000 },
    )
  })
})
