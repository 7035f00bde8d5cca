import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { countByScanning, countRows } from '../../../../src/restcomm/paging/count.ts'
import type { Envelope } from '../../../../src/restcomm/paging/envelope.ts'
import type { ListEndpoint } from '../../../../src/restcomm/paging/readPage.ts'
import { createOfflineUpstream } from '../offlineUpstream.ts'

const PATH = 'Accounts/AC1/Conferences'

/** A Connect list of `length` rows. `alter` may replace the envelope of each response. */
const listOf = (length: number, alter: (envelope: Envelope, request: number) => Envelope = envelope => envelope) => {
  const requests: { page: number; size: number }[] = []
  const list: ListEndpoint<unknown> = {
    http: {
      upstream: createOfflineUpstream(),
      tryConsumeEnvelopeRetry: () => true,
      get: async (_resource, _path, query) => {
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
        return { ...alter(envelope, requests.length), conferences: Array.from({ length: rows }, (_, i) => i) }
      },
    },
    resource: 'conferences',
    path: PATH,
    query: new URLSearchParams(),
    decode: row => row,
  }
  return { list, requests }
}

/** A cloud list of `length` rows with at most `cap` rows per page. */
const cappedListOf = (length: number, cap: number) => {
  const list: ListEndpoint<unknown> = {
    ...listOf(length).list,
    http: {
      upstream: createOfflineUpstream(),
      tryConsumeEnvelopeRetry: () => true,
      get: async (_resource, _path, query) => {
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
  it('countRows needs a single request for one row if the envelope is correct', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, async length => {
        const { list, requests } = listOf(length)
        expect(await countRows(list, null)).toBe(length)
        expect(requests).toEqual([{ page: 0, size: 1 }])
      }),
    )
  })

  it('countRows returns the correct count despite wrong envelopes, and uses a different page size for each probe', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat({ max: 5_000 }), async (length, wrongTotal) => {
        const { list, requests } = listOf(length, envelope => ({ ...envelope, total: wrongTotal, uri: '/another' }))
        expect(await countRows(list, null)).toBe(length)
        const probes = requests.filter(({ page, size }) => page === 0 && size <= 4).map(({ size }) => size)
        expect(new Set(probes).size).toBe(probes.length)
        expect(requests.length).toBeLessThan(40)
      }),
      { numRuns: 40 },
    )
  })

  it('countRows verifies a reported total with a single request within the list, and corrects a wrong total', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: -3, max: 3 }), async (length, difference) => {
        const { list, requests } = listOf(length)
        const reportedTotal = Math.max(1, length + difference)
        expect(await countRows(list, reportedTotal)).toBe(length)
        if (reportedTotal === length) {
          expect(requests).toHaveLength(1)
          const [{ page, size } = { page: 0, size: 0 }] = requests
          expect(page).toBeLessThanOrEqual(Math.floor(length / size))
          expect(size).toBeLessThan(20)
        }
      }),
    )
  })
})

describe('countByScanning', () => {
  it('countByScanning counts any list in fewer than 20 requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), async length => {
        const { list, requests } = listOf(length)
        expect(await countByScanning(list)).toBe(length)
        expect(requests.length).toBeLessThan(20)
      }),
    )
  })

  it('countByScanning counts a list with pages capped by the server', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(1, 20, 100, 999), async (length, cap) => {
        expect(await countByScanning(cappedListOf(length, cap))).toBe(length)
      }),
    )
  })
})
