import fc from 'fast-check'
import { connectionFromArraySlice, offsetToCursor } from 'graphql-relay'
import { describe, expect, it } from 'vitest'
import type { ConnectionPage } from '../../../src/relay/connection.ts'
import { type AnchoredWindow, pageByAnchor } from '../../../src/relay/offsetConnection.ts'
import { MemoryList, rowsNamed } from '../../support/memoryList.ts'

const FINGERPRINT = 'fingerprin'

const shown = (page: ConnectionPage<string>) => ({
  rows: page.nodes,
  hasPreviousPage: page.hasPreviousPage,
  hasNextPage: page.hasNextPage,
})

/** The same page, cut from the whole list. Between cursors that are crossed is nothing, at the one it is counted from. */
const slice = (rows: readonly string[], { from, size, after, before }: AnchoredWindow) => {
  const start = after === null ? 0 : after.position + 1
  const end = before === null ? rows.length : before.position
  const [first, beyond] =
    from === 'front'
      ? [start, Math.max(start, Math.min(end, start + size))]
      : [Math.min(end, Math.max(start, end - size)), end]
  return { rows: rows.slice(first, beyond), hasPreviousPage: first > 0, hasNextPage: beyond < rows.length }
}

const lengths = fc.oneof(fc.constantFrom(0, 1, 49, 50, 51, 100, 101, 137, 5_000), fc.integer({ min: 0, max: 300 }))

/** A list and a window of it whose cursors stand for rows that it has. */
const listAndWindow = lengths.chain(length => {
  const position = length === 0 ? fc.constant(null) : fc.option(fc.integer({ min: 0, max: length - 1 }))
  const anchor = position.map(at => (at === null ? null : { position: at, id: `r${at}` }))
  return fc.record({
    length: fc.constant(length),
    window: fc.record({
      from: fc.constantFrom('front' as const, 'back' as const),
      size: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 500 })),
      after: anchor,
      before: anchor,
      fingerprint: fc.constant(FINGERPRINT),
    }),
  })
})

describe('a window of a list that stands still', () => {
  it('is what slicing the whole list gives, in both directions and with any cursors', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, fc.constantFrom(1_000, 1_000, 40, 7, 1), async ({ length, window }, maximum) => {
        const rows = rowsNamed(length)
        expect(shown(await pageByAnchor(new MemoryList(rows, maximum), window))).toEqual(slice(rows, window))
      }),
      { numRuns: 5_000 },
    )
  })

  it('costs one request where a page within the bound can hold it, and one total with `last` alone', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        // A cursor on the other side of its opposite has nothing between them, and is looked for to be sure of that.
        const { after, before } = window
        fc.pre(after === null || before === null || after.position < before.position)
        const list = new MemoryList(rowsNamed(length))
        await pageByAnchor(list, window)
        expect(list.requests.length).toBeLessThanOrEqual(1)
        expect(list.totals).toBe(window.from === 'back' && before === null ? 1 : 0)
      }),
      { numRuns: 3_000 },
    )
  })

  it('never asks for a page past the end', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const list = new MemoryList(rowsNamed(length))
        await pageByAnchor(list, window)
        for (const { page, size } of list.requests) expect(page).toBeLessThanOrEqual(Math.floor(length / size))
      }),
      { numRuns: 3_000 },
    )
  })

  it('reads at most three rows for each that it needs', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const list = new MemoryList(rowsNamed(length))
        await pageByAnchor(list, window)
        const read = list.requests.reduce((sum, { size }) => sum + size, 0)
        // The cursor's own row and the one that tells of a next page are needed beside those shown; two rows that every
        // small page parts need a larger one.
        expect(read).toBeLessThanOrEqual(3 * (window.size + 2) + 5)
      }),
      { numRuns: 3_000 },
    )
  })

  it('holds the same edges as graphql-relay finds', async () => {
    await fc.assert(
      fc.asyncProperty(listAndWindow, async ({ length, window }) => {
        const rows = rowsNamed(length)
        const { edges } = connectionFromArraySlice(
          rows,
          {
            [window.from === 'front' ? 'first' : 'last']: window.size,
            after: window.after && offsetToCursor(window.after.position),
            before: window.before && offsetToCursor(window.before.position),
          },
          { sliceStart: 0, arrayLength: length },
        )
        // Crossed cursors are undefined there.
        fc.pre(window.after === null || window.before === null || window.after.position < window.before.position)
        const page = await pageByAnchor(new MemoryList(rows), window)
        expect(page.nodes).toEqual(edges.map(edge => edge.node))
      }),
      { numRuns: 2_000 },
    )
  })
})
