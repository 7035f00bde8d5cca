import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionPage } from '../../../src/relay/connection.ts'
import { decodeOffsetCursor, type OffsetCursor } from '../../../src/relay/cursor.ts'
import { readOffsetPage } from '../../../src/relay/offsetConnection.ts'
import type { OffsetPage, OffsetPageRequest } from '../../../src/relay/rowLocator.ts'
import { MemoryList, numberedRows } from '../../support/memoryList.ts'

const FINGERPRINT = 'fingerprin'

/** Reads all pages of a list. `beforePage` may change the list before each page except the first. */
const readAllPages = async (
  list: MemoryList,
  direction: 'forward' | 'backward',
  size: number,
  beforePage: (pageNumber: number, lastRow: string | undefined) => void,
): Promise<string[]> => {
  const seen: string[] = []
  let cursor: string | null = null
  for (let pageNumber = 0; ; pageNumber++) {
    if (pageNumber > 20_000) throw new Error('Paging did not end after 20,000 pages.')
    if (pageNumber > 0) beforePage(pageNumber, direction === 'forward' ? seen.at(-1) : seen[0])
    const decoded: OffsetCursor | null = cursor === null ? null : decodeOffsetCursor(cursor, FINGERPRINT, 'after')
    const page: ConnectionPage<string> = await readOffsetPage(list, {
      direction,
      size,
      after: direction === 'forward' ? decoded : null,
      before: direction === 'backward' ? decoded : null,
      fingerprint: FINGERPRINT,
    })
    const rows = page.nodes
    if (direction === 'forward') seen.push(...rows)
    else seen.unshift(...rows)
    const hasMore = direction === 'forward' ? page.hasNextPage : page.hasPreviousPage
    if (!hasMore) return seen
    if (rows.length > 0) cursor = page.cursorAt(direction === 'forward' ? rows.length - 1 : 0)
  }
}

/** Inserts up to `maxInserts` rows at random positions, in each of the first `rounds` calls. */
const insertions = (list: MemoryList, random: () => number, maxInserts: number, rounds = 40) => {
  let serial = 0
  return (round: number) => {
    if (round > rounds) return
    for (let left = Math.floor(random() * (maxInserts + 1)); left > 0; left--) {
      list.rows.splice(Math.floor(random() * (list.rows.length + 1)), 0, `new${serial++}`)
    }
  }
}

const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A list whose rows without identity have one of few ids, drawn anew for each response. */
class UnidentifiedRows extends MemoryList {
  readonly #isUnidentified: (row: string) => boolean
  readonly #random: () => number

  constructor(length: number, maxPageSize: number, isUnidentified: (row: string) => boolean, random: () => number) {
    super(numberedRows(length), maxPageSize)
    this.#isUnidentified = isUnidentified
    this.#random = random
  }

  override async read(request: OffsetPageRequest): Promise<OffsetPage<string>> {
    const page = await super.read(request)
    const ids = ['-', '-a', '-b']
    const draw = () => ids[Math.floor(this.#random() * ids.length)] ?? '-'
    return { ...page, rows: page.rows.map(row => (this.#isUnidentified(row) ? draw() : row)) }
  }
}

// CPU-bound property tests: the long timeout allows for a busy machine.
describe.each(['forward', 'backward'] as const)(
  'paging %s through a changing list',
  { timeout: 120_000 },
  direction => {
    it(`readOffsetPage, paging ${direction}, returns every initial row exactly once despite inserted rows`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 400 }),
          fc.integer({ min: 1, max: 60 }),
          fc.constantFrom(0, 1, 3, 30, 300),
          fc.constantFrom(1_000, 50),
          fc.nat(),
          async (length, size, maxInserts, maxPageSize, seed) => {
            const list = new MemoryList(numberedRows(length), maxPageSize)
            const random = randomFrom(seed)
            const seen = await readAllPages(list, direction, size, insertions(list, random, maxInserts))
            expect(seen.filter(row => row.startsWith('r'))).toEqual(numberedRows(length))
            expect(new Set(seen).size).toBe(seen.length)
            expect(list.drifts).not.toContain(null)
          },
        ),
        { numRuns: 400 },
      )
    })

    it(`readOffsetPage, paging ${direction}, returns every initial row exactly once despite rows inserted between the requests of a page`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 200 }),
          fc.integer({ min: 1, max: 60 }),
          fc.constantFrom(20, 50, 1_000),
          fc.nat(),
          async (length, size, maxPageSize, seed) => {
            const list = new MemoryList(numberedRows(length), maxPageSize)
            const random = randomFrom(seed)
            const insert = insertions(list, random, 3)
            let reads = 0
            list.beforeRead = () => insert(reads++)
            const seen = await readAllPages(list, direction, size, () => undefined)
            expect(seen.filter(row => row.startsWith('r'))).toEqual(numberedRows(length))
            expect(new Set(seen).size).toBe(seen.length)
          },
        ),
        {
          numRuns: 400,
          examples: [
            // The list grows during each search for its end.
            [182, 1, 20, 1_052_139_000],
            // The last row read moves to the end of each further page.
            [179, 16, 1_000, 604_779_599],
          ],
        },
      )
    })

    it(`readOffsetPage, paging ${direction}, passes every row exactly once if the ids of rows without identity differ in each response`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 60 }),
          fc.integer({ min: 1, max: 10 }),
          fc.constantFrom(7, 1_000),
          fc.nat(),
          async (length, size, maxPageSize, seed) => {
            const random = randomFrom(seed)
            const unidentified = new Set(numberedRows(length).filter(() => random() < 0.5))
            const list = new UnidentifiedRows(length, maxPageSize, row => unidentified.has(row), random)
            const seen = await readAllPages(list, direction, size, () => undefined)
            const expected = numberedRows(length).map(row => (unidentified.has(row) ? '-' : row))
            expect(seen.map(row => (row.startsWith('-') ? '-' : row))).toEqual(expected)
          },
        ),
        { numRuns: 300 },
      )
    })

    it(`readOffsetPage, paging ${direction}, ends and returns at most two rows of each position if any rows lose their identity in any response`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.constantFrom(7, 1_000), fc.nat(), async (...values) => {
          const [length, maxPageSize, seed] = values
          const random = randomFrom(seed)
          const list = new UnidentifiedRows(
            length,
            maxPageSize,
            () => random() < 0.5,
            () => 0,
          )
          const seen = await readAllPages(list, direction, 1, () => undefined)
          expect(seen.length).toBeGreaterThanOrEqual(length)
          expect(seen.length).toBeLessThanOrEqual(2 * length)
        }),
        { numRuns: 300 },
      )
    })

    it(`readOffsetPage, paging ${direction}, returns every remaining row exactly once despite removed rows, if the last returned row remains`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 300 }),
          fc.integer({ min: 1, max: 40 }),
          fc.nat(),
          async (length, size, seed) => {
            const list = new MemoryList(numberedRows(length))
            const random = randomFrom(seed)
            const removed = new Set<string>()
            const seen = await readAllPages(list, direction, size, (_pageNumber, lastRow) => {
              for (let left = Math.floor(random() * 5); left > 0; left--) {
                const index = Math.floor(random() * list.rows.length)
                const row = list.rows[index]
                if (row === undefined || row === lastRow) continue
                list.rows.splice(index, 1)
                removed.add(row)
              }
            })
            expect(seen.filter(row => !removed.has(row))).toEqual(list.rows)
            expect(new Set(seen).size).toBe(seen.length)
          },
        ),
        { numRuns: 300 },
      )
    })
  },
)
