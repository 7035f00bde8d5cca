import { describe, expect, it } from 'vitest'
import { type AnchoredWindow, pageByAnchor } from '../../../src/relay/offsetConnection.ts'
import { MemoryList, rowsNamed } from '../../support/memoryList.ts'

const page = async (list: MemoryList, part: Partial<AnchoredWindow>) => {
  const { nodes, hasNextPage, hasPreviousPage } = await pageByAnchor(list, {
    from: 'front',
    size: 3,
    after: null,
    before: null,
    fingerprint: 'fingerprin',
    ...part,
  })
  return { rows: nodes, hasNextPage, hasPreviousPage }
}

const inserted = (rows: readonly string[], at: number, count: number) => [
  ...rows.slice(0, at),
  ...Array.from({ length: count }, (_, i) => `new${i}`),
  ...rows.slice(at),
]

describe('a cursor whose row has moved', () => {
  it('costs nothing more when the row is on the page that was read for it', async () => {
    const list = new MemoryList(inserted(rowsNamed(100), 0, 1))
    expect(await page(list, { after: { position: 9, id: 'r9' } })).toMatchObject({ rows: ['r10', 'r11', 'r12'] })
    expect(list.moves).toContain(1)
    expect(list.requests.length).toBeLessThanOrEqual(2)
  })

  it.each([-400, -60, -20, -2, 2, 20, 60, 400, 3_000])('is found %i rows from where it stood', async distance => {
    const rows = rowsNamed(5_000)
    const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance))
    const wanted = { rows: ['r1001', 'r1002', 'r1003'], hasPreviousPage: true, hasNextPage: true }
    expect(await page(list, { after: { position: 1_000, id: 'r1000' } })).toEqual(wanted)
    expect(list.moves[0]).toBe(distance)
  })

  it('is looked for within a bound, however long the list is', async () => {
    const list = new MemoryList(rowsNamed(200_000))
    await page(list, { after: { position: 100_000, id: 'gone' } })
    expect(list.requests.length).toBeLessThan(30)
    expect(list.moves).toEqual([null])
  })
})

describe('a cursor whose row has moved, where the server shortens pages', () => {
  it.each([-500, -60, 60, 450])('is found %i rows from where it stood', async distance => {
    const rows = rowsNamed(5_000)
    const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance), 50)
    const wanted = { rows: ['r1001', 'r1002', 'r1003'], hasPreviousPage: true, hasNextPage: true }
    expect(await page(list, { after: { position: 1_000, id: 'r1000' } })).toEqual(wanted)
    expect(list.moves[0]).toBe(distance)
  })

  it.each([-900, 900])('is found %i rows from where it stood, also where looking for it shows that', async distance => {
    const rows = rowsNamed(5_000)
    const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance))
    list.cap = 200
    const wanted = { rows: ['r2001', 'r2002', 'r2003'], hasPreviousPage: true, hasNextPage: true }
    expect(await page(list, { after: { position: 2_000, id: 'r2000' } })).toEqual(wanted)
    expect(list.moves[0]).toBe(distance)
    expect(list.requests.filter(({ size }) => size > 200)).toHaveLength(1)
  })

  it('is looked for by no more requests than elsewhere', async () => {
    const list = new MemoryList(rowsNamed(200_000), 50)
    await page(list, { after: { position: 100_000, id: 'gone' } })
    expect(list.requests.length).toBeLessThan(30)
    expect(list.moves).toEqual([null])
  })
})

describe('a cursor whose row is gone', () => {
  it('goes on with what has moved up to its position', async () => {
    const list = new MemoryList(rowsNamed(20).filter(row => row !== 'r4'))
    expect(await page(list, { after: { position: 4, id: 'r4' } })).toEqual({
      rows: ['r5', 'r6', 'r7'],
      hasPreviousPage: true,
      hasNextPage: true,
    })
    expect(list.moves).toEqual([null])
  })

  it('goes back from its position', async () => {
    const list = new MemoryList(rowsNamed(20).filter(row => row !== 'r4'))
    expect(await page(list, { from: 'back', before: { position: 4, id: 'r4' } })).toEqual({
      rows: ['r1', 'r2', 'r3'],
      hasPreviousPage: true,
      hasNextPage: true,
    })
  })

  it('past the end is an empty page', async () => {
    const list = new MemoryList(rowsNamed(20))
    expect(await page(list, { after: { position: 500, id: 'gone' } })).toEqual({
      rows: [],
      hasPreviousPage: true,
      hasNextPage: false,
    })
    expect(await page(new MemoryList([]), { after: { position: 500, id: 'gone' } })).toEqual({
      rows: [],
      hasPreviousPage: false,
      hasNextPage: false,
    })
  })

  it('past the end has the end of the list before it', async () => {
    expect(await page(new MemoryList(rowsNamed(20)), { from: 'back', before: { position: 500, id: 'gone' } })).toEqual({
      rows: ['r17', 'r18', 'r19'],
      hasPreviousPage: true,
      hasNextPage: false,
    })
  })
})

describe('the last rows of a list', () => {
  it.each([0, 1, 5, 18, 19, 21, 22, 40, 5_000])(
    'are found by rows where the total is said to be %i and is 20',
    async rumour => {
      const list = new MemoryList(rowsNamed(20))
      list.rumour = rumour
      expect(await page(list, { from: 'back' })).toEqual({
        rows: ['r17', 'r18', 'r19'],
        hasPreviousPage: true,
        hasNextPage: false,
      })
    },
  )
})
