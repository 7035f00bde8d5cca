import { describe, expect, it } from 'vitest'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import type { Envelope } from '../../../../src/restcomm/paging/envelope.ts'
import { type ListEndpoint, readPage } from '../../../../src/restcomm/paging/readPage.ts'
import { createOfflineUpstream } from '../offlineUpstream.ts'

const PATH = 'Accounts/AC1/Conferences'
const MAX_PAGE_SIZE = 1_000

/** A cloud list with at most `cap` rows per page. Envelopes report a page size of at most `reportedCap`. */
const cloudList = (length: number, cap: number, reportedCap = cap) => {
  const upstream = createOfflineUpstream()
  let requests = 0
  const list: ListEndpoint<unknown> = {
    http: {
      upstream,
      tryConsumeEnvelopeRetry: () => true,
      get: async (_resource, _path, query) => {
        requests++
        const [page, requested] = [Number(query?.get('Page')), Number(query?.get('PageSize'))]
        const size = Math.min(cap, requested)
        if (page > 0 && page * size >= length) throw new RestcommError('rejected', 'past the end', { status: 400 })
        const rows = Array.from({ length: Math.min(size, length - page * size) }, (_, i) => page * size + i)
        const envelope: Envelope = {
          page,
          page_size: Math.min(reportedCap, requested),
          total: length,
          limit: 10_000,
          uri: `/2012-04-24/${PATH}`,
        }
        return { ...envelope, conferences: rows }
      },
    },
    resource: 'conferences',
    path: PATH,
    query: new URLSearchParams(),
    decode: row => row,
  }
  return { list, upstream, requests: () => requests }
}

describe('readPage with a page size smaller than requested', () => {
  it('readPage lowers the maximum page size if a full page is capped again by a second request', async () => {
    const { list, upstream } = cloudList(137, 50)
    expect(await readPage(list, { page: 0, size: 100 })).toMatchObject({ start: 0, rows: { length: 50 }, atEnd: false })
    expect(upstream.maxPageSize).toBe(50)
  })

  it('readPage calculates the start of a capped last page from the reported page size', async () => {
    const { list, upstream } = cloudList(137, 50)
    expect(await readPage(list, { page: 2, size: 60 })).toMatchObject({ start: 100, rows: { length: 37 }, atEnd: true })
    expect(upstream.maxPageSize).toBe(50)
  })

  it('readPage treats a first page with fewer rows than the reported page size as the whole list', async () => {
    const { list, upstream, requests } = cloudList(3, MAX_PAGE_SIZE, 50)
    const page = await readPage(list, { page: 0, size: 100 })
    expect(page).toEqual({ start: 0, rows: [0, 1, 2], atEnd: true, total: 3, unverifiedTotal: null })
    expect(upstream.maxPageSize).toBe(MAX_PAGE_SIZE)
    expect(requests()).toBe(1)
  })
})
