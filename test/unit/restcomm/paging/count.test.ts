import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countRows, recountRows } from '../../../../src/restcomm/paging/count.ts'
import type { Envelope } from '../../../../src/restcomm/paging/envelope.ts'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { UNOBSERVED } from '../../../../src/restcomm/http/observer.ts'
import type { List } from '../../../../src/restcomm/paging/readPage.ts'
import { ResilientHttp } from '../../../../src/restcomm/http/resilientHttp.ts'
import { Upstream } from '../../../../src/restcomm/upstream.ts'

const PATH = 'Accounts/AC1/Conferences'
const NO_HTTP = new ResilientHttp(
  { send: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
  { connections: 1, maximumWaiting: 0, breakerOpenMs: 1, observer: UNOBSERVED },
)

/** A list of so many rows behind a Connect whose envelopes `disturb` may change. */
const listOf = (length: number, disturb: (envelope: Envelope, request: number) => Envelope = envelope => envelope) => {
  const requests: { page: number; size: number }[] = []
  const list: List<unknown> = {
    upstream: new Upstream(NO_HTTP, null, 1_000),
    access: {
      post: () => Promise.reject(new Error('unused')),
      mayRepeat: () => true,
      get: async (_noun, _path, query) => {
        const [page, size] = [Number(query?.get('Page')), Number(query?.get('PageSize'))]
        requests.push({ page, size })
        const lastPage = Math.floor(length / size)
        if (page > lastPage) throw new RestcommError('rejected', 'past the end', { status: 400 })
        const rows = Math.max(0, Math.min(size, length - page * size))
        const envelope: Envelope = {
          page,
          num_pages: lastPage,
          page_size: size,
          total: length,
          start: String(page * size),
          end: String(page === lastPage ? page * size + rows : page * size + size - 1),
          uri: `/2012-04-24/${PATH}`,
          next_page_uri: page === lastPage ? 'null' : 'next',
          last_page_uri: `/2012-04-24/${PATH}?Page=${lastPage}&PageSize=${size}`,
        }
        return { ...disturb(envelope, requests.length), conferences: Array.from({ length: rows }, (_, i) => i) }
      },
    },
    noun: 'conferences',
    path: PATH,
    query: new URLSearchParams(),
    member: 'conferences',
    decode: row => row,
  }
  return { list, requests }
}

/** A list of so many rows behind a cloud that shortens its pages. */
const cappedListOf = (length: number, cap: number) => {
  const list: List<unknown> = {
    ...listOf(length).list,
    access: {
      post: () => Promise.reject(new Error('unused')),
      mayRepeat: () => true,
      get: async (_noun, _path, query) => {
        const [page, size] = [Number(query?.get('Page')), Math.min(cap, Number(query?.get('PageSize')))]
        const lastPage = Math.max(0, Math.ceil(length / size) - 1)
        if (page > lastPage) throw new RestcommError('rejected', 'past the end', { status: 400 })
        const rows = Math.min(size, length - page * size)
        const envelope: Envelope = { page, page_size: size, total: length, limit: 0, uri: `/2012-04-24/${PATH}` }
        return { ...envelope, conferences: Array.from({ length: rows }, (_, i) => i) }
      },
    },
  }
  return list
}

const lengths = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 0, max: 12_000 }),
  fc.constantFrom(1_000, 2_000, 2_520),
)

describe('countRows', () => {
  it('asks for one row of a server that can be believed', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, async length => {
        const { list, requests } = listOf(length)
        expect(await countRows(list, null)).toBe(length)
        expect(requests).toEqual([{ page: 0, size: 1 }])
      }),
    )
  })

  it('is right whatever the envelopes say, and asks another page size each time', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat({ max: 5_000 }), async (length, lie) => {
        const { list, requests } = listOf(length, envelope => ({ ...envelope, total: lie, uri: '/another' }))
        expect(await countRows(list, null)).toBe(length)
        const probes = requests.filter(({ page, size }) => page === 0 && size <= 4).map(({ size }) => size)
        expect(new Set(probes).size).toBe(probes.length)
        expect(requests.length).toBeLessThan(40)
      }),
      { numRuns: 40 },
    )
  })

  it('proves what was claimed by one request that is never past the end, and does not fall for a lie', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: -3, max: 3 }), async (length, off) => {
        const { list, requests } = listOf(length)
        const claimed = Math.max(1, length + off)
        expect(await countRows(list, claimed)).toBe(length)
        if (claimed === length) {
          expect(requests).toHaveLength(1)
          const [{ page, size } = { page: 0, size: 0 }] = requests
          expect(page).toBeLessThanOrEqual(Math.floor(length / size))
          expect(size).toBeLessThan(20)
        }
      }),
    )
  })
})

describe('recountRows', () => {
  it('finds the end of any list in few requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), async length => {
        const { list, requests } = listOf(length)
        expect(await recountRows(list)).toBe(length)
        expect(requests.length).toBeLessThan(20)
      }),
    )
  })

  it('finds it by the size that the server gives its pages, where it finds out that these are shorter', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(1, 20, 100, 999), async (length, cap) => {
        expect(await recountRows(cappedListOf(length, cap))).toBe(length)
      }),
    )
  })
})
