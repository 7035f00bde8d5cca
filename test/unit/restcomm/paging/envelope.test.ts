import { describe, expect, it } from 'vitest'
import { believedTotal, dialectOf, type Envelope, type PageRequest } from '../../../../src/restcomm/paging/envelope.ts'
import { fixture } from '../../../support/fixtures.ts'

const PATH = 'Accounts/AC1/Conferences'

/** What a server says of a page of a list of `total` rows, by the arithmetic of its dialect. */
const envelope = (total: number, { page, size }: PageRequest, cloud = false): Envelope => {
  const lastPage = cloud ? Math.max(0, Math.ceil(total / size) - 1) : Math.floor(total / size)
  const start = page * size
  const uri = `/2012-04-24/${PATH}`
  return {
    page,
    num_pages: lastPage,
    page_size: size,
    total,
    ...(cloud && { limit: 10_000 }),
    start: String(start),
    end: String(page === lastPage ? Math.min(total, start + size) : start + size - 1),
    uri,
    first_page_uri: `${uri}?Page=0&PageSize=${size}`,
    previous_page_uri: page === 0 ? 'null' : `${uri}?Page=${page - 1}&PageSize=${size}`,
    next_page_uri: page === lastPage ? 'null' : `${uri}?Page=${page + 1}&PageSize=${size}&AfterSid=CF1`,
    last_page_uri: `${uri}?Page=${lastPage}&PageSize=${size}`,
  }
}
const rowCount = (total: number, { page, size }: PageRequest) => Math.max(0, Math.min(size, total - page * size))

const REQUESTS: PageRequest[] = [
  { page: 0, size: 1 },
  { page: 0, size: 51 },
  { page: 3, size: 7 },
  { page: 1, size: 50 },
]

describe.each(REQUESTS)('the envelope of page $page of $size', request => {
  it.each([false, true])('is believed when it is right (the cloud: %s)', cloud => {
    for (let total = request.page * request.size; total < 400; total++) {
      expect(believedTotal(envelope(total, request, cloud), PATH, request, rowCount(total, request))).toBe(total)
    }
  })

  it('is not believed when any part of it is of another list', () => {
    for (let total = request.page * request.size; total < 200; total++) {
      for (let other = 0; other < 200; other++) {
        if (other === total) continue
        const foreign = { page: other % 3, size: 1 + (other % 60) }
        const rows = rowCount(total, request)
        const own = envelope(total, request)
        const mixed = envelope(other, foreign)
        // A total alone that is foreign shows where other pages would follow from it. Where none would, only rows tell.
        if (Math.floor(other / request.size) !== own.num_pages || rows < request.size) {
          expect(believedTotal({ ...own, total: other }, PATH, request, rows)).toBeNull()
        }
        if (own.num_pages !== mixed.num_pages) {
          expect(believedTotal({ ...mixed, uri: own.uri, num_pages: own.num_pages }, PATH, request, rows)).toBeNull()
        }
        expect(believedTotal({ ...mixed, uri: '/2012-04-24/Accounts/AC2/Conferences' }, PATH, request, rows)).toBeNull()
      }
    }
  })
})

it.each([
  ['a total that is no number', { total: '137' }],
  ['a total that is no whole number', { total: 136.5 }],
  ['no total', { total: undefined }],
  ['another page', { page: 2 }],
  ['another page size', { page_size: 11 }],
  ['another account', { uri: '/2012-04-24/Accounts/AC2/Conferences' }],
  ['an account whose name only ends alike', { uri: '/2012-04-24/Accounts/XAC1/Conferences' }],
  ['no uri', { uri: undefined }],
  ['a total that the number of pages does not follow from', { total: 200 }],
  ['a start that is not that of the page', { start: '20' }],
  ['an end that is not that of the page', { end: '18' }],
  ['a last page that does not follow', { last_page_uri: `/2012-04-24/${PATH}?Page=14&PageSize=10` }],
  ['a next page on the last one', { next_page_uri: 'null' }],
  ['fewer rows in all than were sent', { total: 15, num_pages: 1 }],
])('an envelope with %s is not believed', (_what, part) => {
  const request = { page: 1, size: 10 }
  expect(believedTotal({ ...envelope(137, request), ...part }, PATH, request, 10)).toBeNull()
})

interface Recording {
  readonly id: string
  readonly request: { readonly path: string }
  readonly response: {
    readonly status: number
    readonly body: string
    readonly headers: Readonly<Record<string, string>>
  }
}

describe('of the recorded lists', () => {
  const recordings = (JSON.parse(fixture('recordings.json')) as Recording[]).flatMap(({ id, request, response }) => {
    const url = new URL(request.path, 'http://restcomm')
    const page = Number(url.searchParams.get('Page') ?? '0')
    const size = Number(url.searchParams.get('PageSize') ?? '50')
    const path = url.pathname.replace('/restcomm/2012-04-24/', '').replace(/\.json$/, '')
    const plain =
      /Conferences$/.test(path) && /^(conf-list|conf-page|race-conf|filter)/.test(id) && size > 0 && page >= 0
    if (!plain || response.status !== 200 || !response.body.startsWith('{')) return []
    const body = JSON.parse(response.body) as Envelope & { conferences: unknown[] }
    return [{ id, path, request: { page, size }, body, rows: body.conferences.length }]
  })
  const [raced, calm] = [true, false].map(race => recordings.filter(({ id }) => id.startsWith('race') === race))

  it('those that nothing disturbed are believed', () => {
    expect(calm?.length).toBeGreaterThan(60)
    for (const { id, path, request, body, rows } of calm ?? []) {
      expect([id, believedTotal(body, path, request, rows)]).toEqual([id, body.total])
      expect(dialectOf(body)).toBe('connect')
    }
  })

  it('those that were raced are not', () => {
    expect(raced).toHaveLength(3)
    for (const { id, path, request, body, rows } of raced ?? []) {
      expect([id, believedTotal(body, path, request, rows)]).toEqual([id, null])
    }
  })
})
