import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionPage } from '../../../src/relay/connection.ts'
import { type Anchor, anchorOf } from '../../../src/relay/cursor.ts'
import { pageByAnchor } from '../../../src/relay/offsetConnection.ts'
import { MemoryList, rowsNamed } from '../../support/memoryList.ts'

const FINGERPRINT = 'fingerprin'

/** Pages through the whole list, letting something happen to it before each page but the first. */
const walk = async (
  list: MemoryList,
  from: 'front' | 'back',
  size: number,
  meanwhile: (turn: number, lastShown: string | undefined) => void,
): Promise<string[]> => {
  const seen: string[] = []
  let cursor: string | null = null
  for (let turn = 0; ; turn++) {
    if (turn > 20_000) throw new Error('The walk does not end.')
    if (turn > 0) meanwhile(turn, from === 'front' ? seen.at(-1) : seen[0])
    const anchor: Anchor | null = cursor === null ? null : anchorOf(cursor, FINGERPRINT, 'after')
    const page: ConnectionPage<string> = await pageByAnchor(list, {
      from,
      size,
      after: from === 'front' ? anchor : null,
      before: from === 'back' ? anchor : null,
      fingerprint: FINGERPRINT,
    })
    const rows = page.nodes
    if (from === 'front') seen.push(...rows)
    else seen.unshift(...rows)
    const goesOn = from === 'front' ? page.hasNextPage : page.hasPreviousPage
    if (!goesOn) return seen
    if (rows.length > 0) cursor = page.cursorAt(from === 'front' ? rows.length - 1 : 0)
  }
}

/** New rows at random places, `burst` of them a turn at most, for so many turns. */
const insertions = (list: MemoryList, random: () => number, burst: number, turns = 40) => {
  let serial = 0
  return (turn: number) => {
    if (turn > turns) return
    for (let left = Math.floor(random() * (burst + 1)); left > 0; left--) {
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

// Hundreds of walks that compute and wait for nothing: how long they take is a matter of what else the machine does.
describe.each(['front', 'back'] as const)('a walk from the %s', { timeout: 120_000 }, from => {
  it('sees every row that was there from the start exactly once, whatever is inserted meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(0, 1, 3, 30, 300),
        fc.constantFrom(1_000, 50),
        fc.nat(),
        async (length, size, burst, maximumPageSize, seed) => {
          const list = new MemoryList(rowsNamed(length), maximumPageSize)
          const random = randomFrom(seed)
          const seen = await walk(list, from, size, insertions(list, random, burst))
          expect(seen.filter(row => row.startsWith('r'))).toEqual(rowsNamed(length))
          expect(new Set(seen).size).toBe(seen.length)
          expect(list.moves).not.toContain(null)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('sees every row exactly once also when rows are inserted between the requests of one page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(20, 50, 1_000),
        fc.nat(),
        async (length, size, maximumPageSize, seed) => {
          const list = new MemoryList(rowsNamed(length), maximumPageSize)
          const random = randomFrom(seed)
          const insert = insertions(list, random, 3)
          let reads = 0
          list.beforeRead = () => insert(reads++)
          const seen = await walk(list, from, size, () => undefined)
          expect(seen.filter(row => row.startsWith('r'))).toEqual(rowsNamed(length))
          expect(new Set(seen).size).toBe(seen.length)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('sees every row that stays exactly once when others are removed, as long as the last one shown stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (length, size, seed) => {
          const list = new MemoryList(rowsNamed(length))
          const random = randomFrom(seed)
          const removed = new Set<string>()
          const seen = await walk(list, from, size, (_turn, last) => {
            for (let left = Math.floor(random() * 5); left > 0; left--) {
              const index = Math.floor(random() * list.rows.length)
              const row = list.rows[index]
              if (row === undefined || row === last) continue
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
})
