import { describe, expect, it } from 'vitest'
import { AuthorizedHttp } from '../../../../src/restcomm/authorizedHttp.ts'
import { RequestCache } from '../../../../src/restcomm/cache/requestCache.ts'
import { HttpPagedList } from '../../../../src/restcomm/paging/pagedList.ts'
import { CONFERENCE } from '../../../../src/restcomm/resources/conferences.ts'
import { conference, sid } from '../cache/decodedRows.ts'
import { createOfflineUpstream } from '../offlineUpstream.ts'

const ACCOUNT = sid('AC', 1)
const PAGE = { page: 0, size: 5 }

/** Two lists of two GraphQL requests with a common cache. `rows` can change between reads. */
const createLists = () => {
  const upstream = createOfflineUpstream({ maxBytes: 1_000_000, immutableTtlMs: 60_000, listTtlMs: 60_000 })
  const principal = {
    authorization: 'Basic eDp5',
    isServiceAccount: false,
    account: ACCOUNT,
    clientId: '',
    credentialHash: 'client',
    accounts: null,
  }
  const upstreamList = { rows: [1, 2], requests: 0 }
  const createList = () => {
    const http = new AuthorizedHttp(upstream, principal)
    const cache = new RequestCache(upstream.cache, principal, 'use')
    const get = async () => {
      upstreamList.requests++
      return { conferences: upstreamList.rows, page: 0, page_size: 5, total: upstreamList.rows.length }
    }
    const searchBudget = { remainingPages: 1 }
    const list = {
      http: { upstream, get, tryConsumeEnvelopeRetry: () => false },
      resource: 'conferences' as const,
      path: `Accounts/${ACCOUNT}/Conferences`,
      query: new URLSearchParams(),
      decode: (n: unknown) => conference(Number(n)),
    }
    return new HttpPagedList({ http, cache, accountSid: ACCOUNT, list, kind: CONFERENCE, searchBudget })
  }
  return { upstreamList, createList }
}

describe('HttpPagedList', () => {
  it('HttpPagedList reads a page once, also for later lists while the page is cached', async () => {
    const { upstreamList, createList } = createLists()
    const list = createList()
    await Promise.all([list.read(PAGE), list.read(PAGE)])
    await createList().read(PAGE)
    expect(upstreamList.requests).toBe(1)
  })

  it('HttpPagedList, after `clear`, reads the changed rows and the changed total, although the page and the total were cached', async () => {
    const { upstreamList, createList } = createLists()
    const list = createList()
    expect((await list.read(PAGE)).rows).toHaveLength(2)
    expect(await list.total()).toBe(2)
    upstreamList.rows = [1, 2, 3]
    list.clear()
    expect((await list.read(PAGE)).rows).toEqual([conference(1), conference(2), conference(3)])
    expect(await list.total()).toBe(3)
    expect((await createList().read(PAGE)).rows).toHaveLength(3)
    expect(upstreamList.requests).toBe(2)
  })

  it('HttpPagedList needs no request for the total of a list whose end has been read', async () => {
    const { upstreamList, createList } = createLists()
    const list = createList()
    expect(list.lastLength).toBeNull()
    const page = list.read(PAGE)
    expect(await list.total()).toBe(2)
    await page
    expect(list.lastLength).toBe(2)
    expect(upstreamList.requests).toBe(1)
  })
})
