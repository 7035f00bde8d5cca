import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  // A list longer than the largest page.
  const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'long@example.com' })
  longAccount = { user: sid, password: 'token' }
  for (let i = 0; i < 5_000; i++) gateway.sandbox.rows.addConference({ account_sid: sid })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

let longAccount: { user: string; password: string }
const credentials = (length: number) => (length === 5_000 ? longAccount : `conf${length}`)
const expectedSids = (length: number): string[] => {
  const sid = length === 5_000 ? longAccount.user : accountOf(`conf${length}`).sid
  return gateway.sandbox.rows
    .conferencesOf(sid)
    .map(row => row.sid)
    .toSorted()
}
/** Enough for both lists of about 100 conferences in pages of 7. */
const MAX_PAGES = 16
const LENGTHS = [0, 1, 49, 50, 51, 100, 101, 137, 5_000]

interface PageInfo {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}
interface Page {
  totalCount?: number
  edges: { cursor: string; node: { sid: string } }[]
  pageInfo: PageInfo
}

const page = async (length: number, args: string, more = ''): Promise<Page> => {
  const { data, errors } = await gateway.query(
    `{ conferences(${args}) { ${more} edges { cursor node { sid } }
       pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    { as: credentials(length) },
  )
  expect(errors).toBeUndefined()
  return data.conferences
}
const sids = ({ edges }: Page) => edges.map(edge => edge.node.sid)

describe.each(LENGTHS)('a list of %i conferences', length => {
  it.each([1, 7, 50, 500])(
    `a list of ${length} conferences is paged forwards and backwards in pages of %i, with one request per page`,
    async size => {
      const all = expectedSids(length)
      const forwards: string[] = []
      let pages = 0
      let after = ''
      let next: Page
      do {
        next = await page(length, `first: ${size}${after}`)
        forwards.push(...sids(next))
        expect(next.pageInfo.hasPreviousPage).toBe(forwards.length > next.edges.length)
        expect(next.pageInfo.hasNextPage).toBe(forwards.length < length)
        after = `, after: "${next.pageInfo.endCursor}"`
      } while (next.pageInfo.hasNextPage && ++pages < MAX_PAGES)
      expect(forwards).toEqual(all.slice(0, forwards.length))

      let before = ` before: "${next.pageInfo.endCursor}"`
      const backwards = next.edges.slice(-1).map(edge => edge.node.sid)
      while (length > 0) {
        const last = await page(length, `last: ${size}${before}`)
        backwards.unshift(...sids(last))
        expect(last.pageInfo.hasNextPage).toBe(true)
        expect(last.pageInfo.hasPreviousPage).toBe(backwards.length < forwards.length)
        before = ` before: "${last.pageInfo.startCursor}"`
        if (!last.pageInfo.hasPreviousPage) break
      }
      expect(backwards).toEqual(forwards)
      const { requests } = gateway.sandbox
      expect(requests.every(({ status }) => status === 200)).toBe(true)
      expect(requests.length).toBe(
        Math.ceil(forwards.length / size) + Math.ceil(Math.max(0, forwards.length - 1) / size) + (length < 2 ? 1 : 0),
      )
    },
  )

  it(`totalCount of ${length} conferences costs one upstream request for a single row`, async () => {
    const { data } = await gateway.query('{ conferences { totalCount } }', { as: credentials(length) })
    expect(data.conferences.totalCount).toBe(length)
    expect(gateway.sandbox.requests).toHaveLength(1)
    expect(gateway.sandbox.requests[0]?.path).toContain('Page=0&PageSize=1')
  })

  it(`the last page of ${length} conferences costs at most two upstream requests, with or without totalCount`, async () => {
    const end = await page(length, 'last: 5')
    expect(sids(end)).toEqual(expectedSids(length).slice(-5))
    expect(end.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: length > 5 })
    expect(gateway.sandbox.requests.length).toBeLessThanOrEqual(2)
    gateway.sandbox.clearRequests()
    const both = await page(length, 'last: 5', 'totalCount')
    expect(both.totalCount).toBe(length)
    expect(gateway.sandbox.requests.length).toBeLessThanOrEqual(2)
  })
})

describe('unselected data is not read', () => {
  it('a page with totalCount costs one upstream request', async () => {
    expect((await page(137, 'first: 10', 'totalCount')).totalCount).toBe(137)
    expect(gateway.takeUpstreamRequests()).toEqual([
      `GET Accounts/${accountOf('conf137').sid}/Conferences?Page=0&PageSize=11`,
    ])
  })

  it.each([
    'first: 5) { pageInfo { hasPreviousPage } }',
    'last: 5) { pageInfo { hasNextPage } }',
    'first: 0) { nodes { sid } edges { cursor } }',
    'last: 0) { nodes { sid } pageInfo { startCursor endCursor } }',
  ])('no upstream request is sent for conferences(%s', async selection => {
    const { data, errors } = await gateway.query(`{ conferences(${selection} }`)
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data)).not.toMatch(/true|CF/)
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('aliases and fragments with the same page share one upstream request', async () => {
    const { data } = await gateway.query(
      `query { a: conferences(first: 10) { nodes { sid } } b: conferences(first: 10) { ...c } conferences(first: 10) { totalCount } }
       fragment c on ConferenceConnection { edges { node { sid } } pageInfo { hasNextPage } }`,
    )
    expect(data.conferences.totalCount).toBe(137)
    expect(data.a.nodes).toHaveLength(10)
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
  })

  it('a page with first: 0 or last: 0 is empty and reports whether conferences exist', async () => {
    expect(await page(137, 'first: 0')).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, startCursor: null } })
    expect(await page(137, 'last: 0')).toMatchObject({ edges: [], pageInfo: { hasPreviousPage: true } })
    expect(await page(0, 'first: 0')).toMatchObject({ edges: [], pageInfo: { hasNextPage: false } })
  })
})

describe('cursors', () => {
  it('a cursor of a different account, filter, order or field is BAD_USER_INPUT, without an upstream request', async () => {
    const { pageInfo } = await page(137, 'first: 3')
    const after = `after: "${pageInfo.endCursor}"`
    gateway.sandbox.clearRequests()
    const mismatches = [
      [`{ conferences(${after}) { totalCount } }`, 'conf101'],
      [`{ conferences(${after}, filter: { status: COMPLETED }) { nodes { sid } } }`, 'conf137'],
      [`{ conferences(${after}, orderBy: { field: DATE_CREATED, direction: ASC }) { nodes { sid } } }`, 'conf137'],
    ] as const
    for (const [query, as] of mismatches) {
      expect((await gateway.query(query, { as })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
    expect(gateway.takeUpstreamRequests()).toEqual([])
    const calls = `{ conference(sid: "${conferenceOf('part5')}") { calls(${after}) { nodes { sid } } participants(${after}) { totalCount } } }`
    expect((await gateway.query(calls, { as: 'part' })).errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it('a cursor is valid as `after` and as `before`, with `first` and with `last`', async () => {
    const all = expectedSids(137)
    const { edges } = await page(137, 'first: 100')
    const at = (i: number) => edges[i]?.cursor
    expect(sids(await page(137, `first: 5, after: "${at(20)}", before: "${at(23)}"`))).toEqual(all.slice(21, 23))
    expect(sids(await page(137, `last: 5, after: "${at(20)}", before: "${at(90)}"`))).toEqual(all.slice(85, 90))
    expect(sids(await page(137, `first: 5, before: "${at(3)}"`))).toEqual(all.slice(0, 3))
    expect(sids(await page(137, `last: 5, after: "${at(99)}"`))).toEqual(all.slice(132))
  })
})
