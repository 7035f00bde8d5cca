import { describe, expect, it } from 'vitest'
import {
  consistentTotal,
  dialectOf,
  type Envelope,
  type PageRequest,
} from '../../../../src/restcomm/paging/envelope.ts'
import { fixture } from '../../../support/fixtures.ts'

const PATH = 'Accounts/AC1/Conferences'

/** The envelope of a page in a list of `total` rows. */
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

describe.each(REQUESTS)('consistentTotal of page $page with $size rows', request => {
  it.each([false, true])(
    `consistentTotal of page ${request.page} with ${request.size} rows returns the total of a correct envelope (cloud: %s)`,
    cloud => {
      for (let total = request.page * request.size; total < 400; total++) {
        expect(consistentTotal(envelope(total, request, cloud), PATH, request, rowCount(total, request))).toBe(total)
      }
    },
  )

  it(`consistentTotal of page ${request.page} with ${request.size} rows returns null if any part of the envelope belongs to a different list`, () => {
    // One assertion at the end, because 160,000 assertions take seconds.
    const accepted: Envelope[] = []
    for (let total = request.page * request.size; total < 200; total++) {
      const rows = rowCount(total, request)
      const correct = envelope(total, request)
      const check = (wrong: Envelope) => {
        if (consistentTotal(wrong, PATH, request, rows) !== null) accepted.push(wrong)
      }
      for (let other = 0; other < 200; other++) {
        if (other === total) continue
        const mixed = envelope(other, { page: other % 3, size: 1 + (other % 60) })
        // A wrong total is recognised only by a different number of pages, or by the rows of the last page.
        if (Math.floor(other / request.size) !== correct.num_pages || rows < request.size) {
          check({ ...correct, total: other })
        }
        if (correct.num_pages !== mixed.num_pages) {
          check({ ...mixed, uri: correct.uri, num_pages: correct.num_pages })
        }
        check({ ...mixed, uri: '/2012-04-24/Accounts/AC2/Conferences' })
      }
    }
    expect(accepted).toEqual([])
  })
})

it.each([
  ['a total of type string', { total: '137' }],
  ['a fractional total', { total: 136.5 }],
  ['no total', { total: undefined }],
  ['a different page', { page: 2 }],
  ['a different page size', { page_size: 11 }],
  ['a different account', { uri: '/2012-04-24/Accounts/AC2/Conferences' }],
  ['an account with the same suffix', { uri: '/2012-04-24/Accounts/XAC1/Conferences' }],
  ['no uri', { uri: undefined }],
  ['a total inconsistent with the number of pages', { total: 200 }],
  ['the start of a different page', { start: '20' }],
  ['the end of a different page', { end: '18' }],
  ['an inconsistent last page', { last_page_uri: `/2012-04-24/${PATH}?Page=14&PageSize=10` }],
  ['no next page before the last page', { next_page_uri: 'null' }],
  ['a total below the number of rows', { total: 15, num_pages: 1 }],
])('consistentTotal returns null for an envelope with %s', (_case, part) => {
  const request = { page: 1, size: 10 }
  expect(consistentTotal({ ...envelope(137, request), ...part }, PATH, request, 10)).toBeNull()
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

describe('consistentTotal of recorded responses', () => {
  const recordings = (JSON.parse(fixture('recordings.json')) as Recording[]).flatMap(({ id, request, response }) => {
    const url = new URL(request.path, 'http://restcomm')
    const page = Number(url.searchParams.get('Page') ?? '0')
    const size = Number(url.searchParams.get('PageSize') ?? '50')
    const path = url.pathname.replace('/restcomm/2012-04-24/', '').replace(/\.json$/, '')
    const isListRequest =
      /Conferences$/.test(path) && /^(conf-list|conf-page|race-conf|filter)/.test(id) && size > 0 && page >= 0
    if (!isListRequest || response.status !== 200 || !response.body.startsWith('{')) return []
    const body = JSON.parse(response.body) as Envelope & { conferences: unknown[] }
    return [{ id, path, request: { page, size }, body, rows: body.conferences.length }]
  })
  const [racedRecordings, undisturbedRecordings] = [true, false].map(race =>
    recordings.filter(({ id }) => id.startsWith('race') === race),
  )

  it('consistentTotal returns the total of envelopes recorded without concurrent requests', () => {
    expect(undisturbedRecordings?.length).toBeGreaterThan(60)
    for (const { id, path, request, body, rows } of undisturbedRecordings ?? []) {
      expect([id, consistentTotal(body, path, request, rows)]).toEqual([id, body.total])
      expect(dialectOf(body)).toBe('connect')
    }
  })

  it('consistentTotal returns null for a recorded envelope mixed up by concurrent requests', () => {
    expect(racedRecordings).toHaveLength(3)
    for (const { id, path, request, body, rows } of racedRecordings ?? []) {
      expect([id, consistentTotal(body, path, request, rows)]).toEqual([id, null])
    }
  })
})
