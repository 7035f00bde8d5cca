import { describe, expect, it } from 'vitest'
import { type OffsetWindow, readOffsetPage } from '../../../src/relay/offsetConnection.ts'
import { MemoryList, numberedRows } from '../../support/memoryList.ts'

const readPage = async (list: MemoryList, window: Partial<OffsetWindow>) => {
  const { nodes, hasNextPage, hasPreviousPage } = await readOffsetPage(list, {
    direction: 'forward',
    size: 3,
    after: null,
    before: null,
    fingerprint: 'fingerprin',
    ...window,
  })
  return { rows: nodes, hasNextPage, hasPreviousPage }
}

const inserted = (rows: readonly string[], at: number, count: number) => [
  ...rows.slice(0, at),
  ...Array.from({ length: count }, (_, i) => `new${i}`),
  ...rows.slice(at),
]

describe('readOffsetPage with a moved cursor row', () => {
  it('readOffsetPage needs no additional request if the moved cursor row is still on the page', async () => {
    const list = new MemoryList(inserted(numberedRows(100), 0, 1))
    expect(await readPage(list, { after: { position: 9, id: 'r9' } })).toMatchObject({ rows: ['r10', 'r11', 'r12'] })
    expect(list.drifts).toContain(1)
    expect(list.requests.length).toBeLessThanOrEqual(2)
  })

  it.each([-400, -60, -20, -2, 2, 20, 60, 400, 3_000])(
    'readOffsetPage finds a cursor row that moved by %i rows',
    async distance => {
      const rows = numberedRows(5_000)
      const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance))
      const expected = { rows: ['r1001', 'r1002', 'r1003'], hasPreviousPage: true, hasNextPage: true }
      expect(await readPage(list, { after: { position: 1_000, id: 'r1000' } })).toEqual(expected)
      expect(list.drifts[0]).toBe(distance)
    },
  )

  it.each([-20, 20])(
    'readOffsetPage finds a cursor row that moved by %i rows with one further request for a small page',
    async distance => {
      const rows = numberedRows(5_000)
      const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance))
      await readPage(list, { after: { position: 1_000, id: 'r1000' } })
      expect(list.requests).toHaveLength(2)
      expect(list.requests[1]?.size).toBeLessThan(200)
    },
  )

  it('readOffsetPage limits the search for a missing cursor row in a long list to fewer than 30 requests', async () => {
    const list = new MemoryList(numberedRows(200_000))
    await readPage(list, { after: { position: 100_000, id: 'gone' } })
    expect(list.requests.length).toBeLessThan(30)
    expect(list.drifts).toEqual([null])
  })
})

describe('readOffsetPage between two cursors with moved rows', () => {
  const cursors = { after: { position: 100, id: 'r100' }, before: { position: 103, id: 'r103' } }

  it.each([
    { direction: 'forward' as const, count: 1 },
    { direction: 'forward' as const, count: 5 },
    { direction: 'backward' as const, count: 1 },
    { direction: 'backward' as const, count: 5 },
  ])('readOffsetPage $direction returns $count rows inserted between the rows of two cursors', async test => {
    const list = new MemoryList(inserted(numberedRows(1_000), 102, test.count))
    expect(await readPage(list, { direction: test.direction, size: 500, ...cursors })).toEqual({
      rows: ['r101', ...['new0', 'new1', 'new2', 'new3', 'new4'].slice(0, test.count), 'r102'],
      hasPreviousPage: true,
      hasNextPage: true,
    })
  })

  it.each([
    { direction: 'forward' as const, rows: ['r101', 'new0', 'new1', 'new2'] },
    { direction: 'backward' as const, rows: ['new2', 'new3', 'new4', 'r102'] },
  ])(
    'readOffsetPage $direction limits the rows between two cursors after an insertion to the page size',
    async test => {
      const list = new MemoryList(inserted(numberedRows(1_000), 102, 5))
      const page = await readPage(list, { direction: test.direction, size: 4, ...cursors })
      expect(page.rows).toEqual(test.rows)
    },
  )
})

describe('readOffsetPage with a moved cursor row and capped pages', () => {
  it.each([-500, -60, 60, 450])(
    'readOffsetPage with capped pages finds a cursor row that moved by %i rows',
    async distance => {
      const rows = numberedRows(5_000)
      const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance), 50)
      const expected = { rows: ['r1001', 'r1002', 'r1003'], hasPreviousPage: true, hasNextPage: true }
      expect(await readPage(list, { after: { position: 1_000, id: 'r1000' } })).toEqual(expected)
      expect(list.drifts[0]).toBe(distance)
    },
  )

  it.each([-900, 900])(
    'readOffsetPage finds a cursor row that moved by %i rows if the cap is detected during the search',
    async distance => {
      const rows = numberedRows(5_000)
      const list = new MemoryList(distance > 0 ? inserted(rows, 0, distance) : rows.slice(-distance))
      list.pageSizeCap = 200
      const expected = { rows: ['r2001', 'r2002', 'r2003'], hasPreviousPage: true, hasNextPage: true }
      expect(await readPage(list, { after: { position: 2_000, id: 'r2000' } })).toEqual(expected)
      expect(list.drifts[0]).toBe(distance)
      expect(list.requests.filter(({ size }) => size > 200)).toHaveLength(1)
    },
  )

  it('readOffsetPage with capped pages limits the search for a missing cursor row to fewer than 30 requests', async () => {
    const list = new MemoryList(numberedRows(200_000), 50)
    await readPage(list, { after: { position: 100_000, id: 'gone' } })
    expect(list.requests.length).toBeLessThan(30)
    expect(list.drifts).toEqual([null])
  })
})

describe('readOffsetPage without pages left for a search', () => {
  it('readOffsetPage finds a row nearby, and continues at the position of a row farther away', async () => {
    const list = new MemoryList(inserted(numberedRows(5_000), 0, 40))
    list.searchPages = 0
    expect((await readPage(list, { after: { position: 1_000, id: 'r1000' } })).rows).toEqual([
      'r1001',
      'r1002',
      'r1003',
    ])
    list.rows = inserted(numberedRows(5_000), 0, 300)
    expect((await readPage(list, { after: { position: 1_000, id: 'r1000' } })).rows).toEqual(['r700', 'r701', 'r702'])
    expect(list.requests.length).toBeLessThan(8)
  })
})

describe('readOffsetPage with a deleted cursor row', () => {
  it('readOffsetPage after a deleted cursor row continues forward with the row now at the position', async () => {
    const list = new MemoryList(numberedRows(20).filter(row => row !== 'r4'))
    expect(await readPage(list, { after: { position: 4, id: 'r4' } })).toEqual({
      rows: ['r5', 'r6', 'r7'],
      hasPreviousPage: true,
      hasNextPage: true,
    })
    expect(list.drifts).toEqual([null])
  })

  it('readOffsetPage before a deleted cursor row continues backward from the position', async () => {
    const list = new MemoryList(numberedRows(20).filter(row => row !== 'r4'))
    expect(await readPage(list, { direction: 'backward', before: { position: 4, id: 'r4' } })).toEqual({
      rows: ['r1', 'r2', 'r3'],
      hasPreviousPage: true,
      hasNextPage: true,
    })
  })

  it('readOffsetPage returns an empty page for a missing `after` row past the end', async () => {
    const list = new MemoryList(numberedRows(20))
    expect(await readPage(list, { after: { position: 500, id: 'gone' } })).toEqual({
      rows: [],
      hasPreviousPage: true,
      hasNextPage: false,
    })
    expect(await readPage(new MemoryList([]), { after: { position: 500, id: 'gone' } })).toEqual({
      rows: [],
      hasPreviousPage: false,
      hasNextPage: false,
    })
  })

  it('readOffsetPage returns the last rows for a missing `before` row past the end', async () => {
    expect(
      await readPage(new MemoryList(numberedRows(20)), {
        direction: 'backward',
        before: { position: 500, id: 'gone' },
      }),
    ).toEqual({
      rows: ['r17', 'r18', 'r19'],
      hasPreviousPage: true,
      hasNextPage: false,
    })
  })
})

describe('readOffsetPage of the last rows', () => {
  it.each([0, 1, 5, 18, 19, 21, 22, 40, 5_000])(
    'readOffsetPage backward finds the end of a list of 20 rows with a reported total of %i',
    async reportedTotal => {
      const list = new MemoryList(numberedRows(20))
      list.reportedTotal = reportedTotal
      expect(await readPage(list, { direction: 'backward' })).toEqual({
        rows: ['r17', 'r18', 'r19'],
        hasPreviousPage: true,
        hasNextPage: false,
      })
    },
  )
})

describe('readOffsetPage at the end of a growing list', () => {
  it.each([1, 3, 8])(
    'readOffsetPage finds the last row of a list that grows by %i rows before each read',
    async count => {
      const list = new MemoryList(numberedRows(182), 20)
      list.beforeRead = () => list.rows.unshift(...Array.from({ length: count }, () => 'new'))
      const page = await readPage(list, { direction: 'backward', size: 1 })
      expect(page).toEqual({ rows: ['r181'], hasNextPage: false, hasPreviousPage: true })
      expect(list.requests.length).toBeLessThanOrEqual(4)
    },
  )
})
