import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../../../src/restcomm/paging/envelope.ts'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { UNOBSERVED } from '../../../../src/restcomm/http/observer.ts'
import { type List, readPage } from '../../../../src/restcomm/paging/readPage.ts'
import { ResilientHttp } from '../../../../src/restcomm/http/resilientHttp.ts'
import { Upstream } from '../../../../src/restcomm/upstream.ts'

const PATH = 'Accounts/AC1/Conferences'
const LARGEST = 1_000
const NO_HTTP = new ResilientHttp(
  { send: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
  { connections: 1, maximumWaiting: 0, breakerOpenMs: 1, observer: UNOBSERVED },
)

/** A list of the cloud: pages have `cap` rows at most, and their envelopes say that they have `said`. */
const cloudList = (length: number, cap: number, said = cap) => {
  const upstream = new Upstream(NO_HTTP, null, LARGEST)
  let requests = 0
  const list: List<unknown> = {
    upstream,
    access: {
      post: () => Promise.reject(new Error('unused')),
      mayRepeat: () => true,
      get: async (_noun, _path, query) => {
        requests++
        const [page, asked] = [Number(query?.get('Page')), Number(query?.get('PageSize'))]
        const size = Math.min(cap, asked)
        if (page > 0 && page * size >= length) throw new RestcommError('rejected', 'past the end', { status: 400 })
        const rows = Array.from({ length: Math.min(size, length - page * size) }, (_, i) => page * size + i)
        const envelope: Envelope = {
          page,
          page_size: Math.min(said, asked),
          total: length,
          limit: 10_000,
          uri: `/2012-04-24/${PATH}`,
        }
        return { ...envelope, conferences: rows }
      },
    },
    noun: 'conferences',
    path: PATH,
    query: new URLSearchParams(),
    member: 'conferences',
    decode: row => row,
  }
  return { list, upstream, requests: () => requests }
}

describe('a page that is smaller than was asked for', () => {
  it('is the server’s, where it is full and another is the same', async () => {
    const { list, upstream } = cloudList(137, 50)
    expect(await readPage(list, { page: 0, size: 100 })).toMatchObject({ start: 0, rows: { length: 50 }, atEnd: false })
    expect(upstream.maximumPageSize).toBe(50)
  })

  it('is the server’s at the end of the list too, where the size says which rows these are', async () => {
    const { list, upstream } = cloudList(137, 50)
    expect(await readPage(list, { page: 2, size: 60 })).toMatchObject({ start: 100, rows: { length: 37 }, atEnd: true })
    expect(upstream.maximumPageSize).toBe(50)
  })

  it('is the end of the list at its front where it is not full, whatever others were told of theirs', async () => {
    const { list, upstream, requests } = cloudList(3, LARGEST, 50)
    const page = await readPage(list, { page: 0, size: 100 })
    expect(page).toEqual({ start: 0, rows: [0, 1, 2], atEnd: true, total: 3, claimedTotal: null })
    expect(upstream.maximumPageSize).toBe(LARGEST)
    expect(requests()).toBe(1)
  })
})
