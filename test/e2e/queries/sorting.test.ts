import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConferenceRow } from '../../../src/sandbox/index.ts'
import { accountOf, basicOf, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { MAX_SORTED_ROWS: '1500', MAX_QUERY_COST: '1000000' } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const compare = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)
const bySid = (a: ConferenceRow, b: ConferenceRow) => compare(a.sid, b.sid)
const toSeconds = (stamp: string) => stamp.slice(0, 19)
const ORDERS = {
  DATE_CREATED: (a: ConferenceRow, b: ConferenceRow) =>
    compare(toSeconds(a.date_created), toSeconds(b.date_created)) || bySid(a, b),
  DATE_UPDATED: (a: ConferenceRow, b: ConferenceRow) =>
    compare(toSeconds(a.date_updated), toSeconds(b.date_updated)) || bySid(a, b),
  FRIENDLY_NAME: (a: ConferenceRow, b: ConferenceRow) =>
    Number(a.friendly_name !== null) - Number(b.friendly_name !== null) ||
    compare(a.friendly_name ?? '', b.friendly_name ?? '') ||
    bySid(a, b),
}
type Field = keyof typeof ORDERS
const sorted = (label: string, field: Field, direction: string) => {
  const rows = gateway.sandbox.rows.conferencesOf(accountOf(label).sid).toSorted(ORDERS[field])
  return (direction === 'DESC' ? rows.reverse() : rows).map(row => row.sid)
}

const page = async (label: string, order: string, args: string) => {
  const { data, errors } = await gateway.query(
    `{ conferences(orderBy: ${order}, ${args}) { totalCount nodes { sid }
       pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    { as: label },
  )
  expect(errors).toBeUndefined()
  return data.conferences
}

describe.each(['DATE_CREATED', 'DATE_UPDATED', 'FRIENDLY_NAME'] as const)('sorted by %s', field => {
  it.each([
    ['mix', 'ASC'],
    ['mix', 'DESC'],
    ['nullname', 'ASC'],
    ['conf137', 'ASC'],
    ['conf137', 'DESC'],
  ])(
    `account %s: paging in %s order of ${field} returns every conference once, forwards and backwards`,
    async (label, direction) => {
      const order = `{ field: ${field}, direction: ${direction} }`
      const all = sorted(label, field, direction)
      for (const [from, cursor, edge, hasMore] of [
        ['first', 'after', 'endCursor', 'hasNextPage'],
        ['last', 'before', 'startCursor', 'hasPreviousPage'],
      ] as const) {
        const seen: string[] = []
        let args = `${from}: 20`
        for (;;) {
          const { nodes, pageInfo, totalCount } = await page(label, order, args)
          expect(totalCount).toBe(all.length)
          const sids = nodes.map((node: { sid: string }) => node.sid)
          seen[from === 'first' ? 'push' : 'unshift'](...sids)
          if (!pageInfo[hasMore]) break
          args = `${from}: 20, ${cursor}: "${pageInfo[edge]}"`
        }
        expect(seen).toEqual(all)
      }
    },
  )
})

it('a sorted list is read once per operation for all pages, sort orders and totalCount', async () => {
  const newest = 'orderBy: { field: DATE_CREATED, direction: DESC }'
  await gateway.query(
    `{ a: conferences(first: 3, ${newest}) { nodes { sid } } b: conferences(last: 3, ${newest}) { totalCount nodes { sid } }
       c: conferences(first: 3, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { nodes { sid } } }`,
  )
  expect(gateway.takeUpstreamRequests()).toHaveLength(1)
})

it('an invalid cursor of a sorted list is BAD_USER_INPUT, without an upstream request', async () => {
  const { errors } = await gateway.query(
    '{ conferences(after: "x", orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }',
  )
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  expect(gateway.takeUpstreamRequests()).toEqual([])
})

describe('MAX_SORTED_ROWS', () => {
  const account = (length: number) => {
    const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: `${length}@example.com` })
    for (let i = 0; i < length; i++)
      gateway.sandbox.rows.addConference({ account_sid: sid, status: i % 2 ? 'COMPLETED' : 'FAILED' })
    return { user: sid, password: 'token' }
  }
  const NEWEST = 'first: 1, orderBy: { field: DATE_CREATED, direction: DESC }'

  it('a list of exactly MAX_SORTED_ROWS rows is sorted', async () => {
    const as = account(1_500)
    const { data, errors } = await gateway.query(`{ conferences(${NEWEST}) { totalCount nodes { sid } } }`, { as })
    expect(errors).toBeUndefined()
    expect(data.conferences.totalCount).toBe(1_500)
    expect(gateway.sandbox.requests.every(({ status }) => status === 200)).toBe(true)
  })

  it('a sorted list above MAX_SORTED_ROWS is LIST_TOO_LARGE with the advice to filter, and a filter helps', async () => {
    const as = account(1_501)
    const { errors } = await gateway.query(`{ conferences(${NEWEST}) { nodes { sid } } }`, { as })
    expect(errors).toMatchObject([
      { message: expect.stringContaining('`filter`'), extensions: { code: 'LIST_TOO_LARGE' } },
    ])
    expect(gateway.sandbox.requests.reduce((sum, { rowsSent }) => sum + rowsSent, 0)).toBeLessThan(1_501)
    const filtered = `{ conferences(${NEWEST}, filter: { status: FAILED }) { totalCount nodes { sid } } }`
    expect((await gateway.query(filtered, { as })).data.conferences.totalCount).toBe(751)
  })

  it('totalCount without rows of a sorted list does not read the list', async () => {
    const as = account(1_502)
    gateway.sandbox.clearRequests()
    const { data, errors } = await gateway.query(`{ conferences(${NEWEST}) { totalCount } }`, { as })
    expect(errors).toBeUndefined()
    expect(data.conferences.totalCount).toBe(1_502)
    expect(gateway.sandbox.requests.reduce((sum, { rowsSent }) => sum + rowsSent, 0)).toBeLessThan(10)
  })

  it('a list in 100 aliases with the same order is sorted once', async () => {
    const as = account(1_000)
    const aliases = Array.from({ length: 100 }, (_, i) => `a${i}: conferences(${NEWEST}) { nodes { sid } }`)
    const parse = vi.spyOn(Date, 'parse')
    const { errors } = await gateway.query(`{ ${aliases.join(' ')} }`, { as })
    expect(errors).toBeUndefined()
    // A single sort parses one date per row; sorting for every alias would parse 100,000 dates.
    expect(parse.mock.calls.length).toBeLessThan(10_000)
    parse.mockRestore()
  })
})

it('conferences that leave a filtered list during a sorted read do not hide remaining conferences', async () => {
  const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'leaving@example.com' })
  const rows = Array.from({ length: 1_200 }, () =>
    gateway.sandbox.rows.addConference({ account_sid: sid, status: 'STOPPING' }),
  )
  const first = rows.map(row => row.sid).toSorted()[0] ?? ''
  gateway.sandbox.intercept(({ path }) => {
    if (path.includes('Page=1&')) {
      gateway.sandbox.rows.updateConference(first, { status: 'COMPLETED' })
    }
    return undefined
  })
  const { data } = await gateway.query(
    `{ conferences(first: 1, filter: { status: STOPPING }, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { totalCount nodes { sid } } }`,
    { as: { user: sid, password: 'token' } },
  )
  gateway.sandbox.intercept(null)
  expect(data.conferences.totalCount).toBe(1_199)
})

it('a conference that leaves a sorted list between two reads causes no skipped or repeated conferences', async () => {
  const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'seam@example.com' })
  const rows = Array.from({ length: 1_400 }, () =>
    gateway.sandbox.rows.addConference({ account_sid: sid, status: 'STOPPING' }),
  )
  const sids = rows.map(row => row.sid).toSorted()
  let reads = 0
  gateway.sandbox.intercept(() => {
    // Ends a conference of the first page before the second page is read.
    if (++reads === 2) gateway.sandbox.rows.updateConference(sids[3] ?? '', { status: 'COMPLETED' })
    return undefined
  })
  const seen: string[] = []
  let args = 'first: 500'
  for (;;) {
    const { data } = await gateway.query(
      `{ conferences(${args}, filter: { status: STOPPING }, orderBy: { field: FRIENDLY_NAME, direction: ASC }) {
        nodes { sid } pageInfo { hasNextPage endCursor } } }`,
      { as: { user: sid, password: 'token' } },
    )
    seen.push(...data.conferences.nodes.map((node: { sid: string }) => node.sid))
    if (!data.conferences.pageInfo.hasNextPage) break
    args = `first: 500, after: "${data.conferences.pageInfo.endCursor}"`
    if (reads < 2) throw new Error('The list was read with one request.')
  }
  gateway.sandbox.intercept(null)
  expect(seen.toSorted()).toEqual(sids.filter(sid => sid !== sids[3]))
})

describe('the maximum number of sorted rows of a query', () => {
  const ORDER = 'orderBy: { field: DATE_CREATED, direction: DESC }'
  /** Lists with different filters and the same rows, each below a nullable field. */
  const lists = (count: number, sid: string) =>
    Array.from({ length: count }, (_, i) => {
      const filter = `{ createdOnOrAfter: "2001-01-${String(i + 1).padStart(2, '0')}" }`
      return `a${i}: account(sid: "${sid}") { conferences(first: 1, ${ORDER}, filter: ${filter}) { nodes { sid } } }`
    }).join(' ')
  const rowsSent = () => limited.sandbox.requests.reduce((sum, request) => sum + request.rowsSent, 0)
  const listCount = ({ data }: GraphQLAnswer) =>
    Object.values<{ conferences: unknown }>(data).filter(({ conferences }) => conferences !== null).length
  let limited: TestGateway
  let as: { user: string; password: string }

  beforeAll(async () => {
    limited = await startGateway({
      env: { MAX_SORTED_ROWS: '2000', MAX_QUERY_COST: '1000000', LIVE_POLL_INTERVAL_MS: '20' },
      config: { limits: { maxQuerySortedRows: 6_000 } },
    })
    const { sid } = limited.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'many@example.com' })
    for (let i = 0; i < 1_500; i++) limited.sandbox.rows.addConference({ account_sid: sid, status: 'COMPLETED' })
    as = { user: sid, password: 'token' }
  })
  beforeEach(() => limited.sandbox.clearRequests())
  afterAll(() => limited.close())

  it('all sorted lists of a query are read up to the maximum number of sorted rows', async () => {
    const answer = await limited.query(`{ ${lists(4, as.user)} }`, { as })
    expect(answer.errors).toBeUndefined()
    expect(listCount(answer)).toBe(4)
  })

  it('a sorted list above the maximum number of sorted rows is LIST_TOO_LARGE, and other lists of the query are returned', async () => {
    const unsorted = 'unsorted: conferences(first: 500) { nodes { sid } }'
    const answer = await limited.query(`{ ${lists(5, as.user)} ${unsorted} }`, { as })
    const errors = answer.errors ?? []
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) {
      expect(error).toMatchObject({
        message: expect.stringContaining('6000 rows (five times MAX_SORTED_ROWS)'),
        extensions: { code: 'LIST_TOO_LARGE' },
      })
    }
    expect(listCount(answer)).toBe(6 - errors.length)
    expect(listCount(answer)).toBeGreaterThan(1)
    expect(answer.data.unsorted.nodes).toHaveLength(500)
  })

  it('30 sorted lists of a query stop reading at the maximum number of sorted rows', async () => {
    const answer = await limited.query(`{ ${lists(30, as.user)} viewer { sid } }`, { as })
    expect(answer.data.viewer).toEqual({ sid: as.user })
    expect(new Set(answer.errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['LIST_TOO_LARGE']))
    expect(rowsSent()).toBeLessThanOrEqual(6_100)
  })

  it('30 short sorted lists of a query are all read', async () => {
    const { sid } = limited.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'short@example.com' })
    for (let i = 0; i < 100; i++) limited.sandbox.rows.addConference({ account_sid: sid, status: 'COMPLETED' })
    const answer = await limited.query(`{ ${lists(30, sid)} }`, { as: { user: sid, password: 'token' } })
    expect(answer.errors).toBeUndefined()
    expect(listCount(answer)).toBe(30)
  })

  it('the maximum number of sorted rows applies to each event of a subscription separately', async () => {
    const client = createClient({ url: limited.url, headers: { authorization: basicOf(as.user, as.password) } })
    const query = `subscription { accountEvents { ... on ConferenceStarted {
      conference { account { conferences(first: 1, ${ORDER}) { nodes { sid } } } } } } }`
    const results = client.iterate({ query })
    // The first event is a snapshot.
    expect((await results.next()).value).toEqual({ data: { accountEvents: {} } })
    const interval = setInterval(() => limited.sandbox.rows.addConference({ account_sid: as.user }), 50)
    for (let i = 0; i < 6; i++) {
      const { value } = await results.next()
      expect(value).toMatchObject({
        data: { accountEvents: { conference: { account: { conferences: { nodes: [{}] } } } } },
      })
    }
    clearInterval(interval)
    await results.return?.()
    client.dispose()
  })

  it('a list in six sort orders counts once towards the maximum number of sorted rows', async () => {
    const orders = ['DATE_CREATED', 'DATE_UPDATED', 'FRIENDLY_NAME'].flatMap(field =>
      ['ASC', 'DESC'].map(direction => `{ field: ${field}, direction: ${direction} }`),
    )
    const same = orders.map((order, i) => `a${i}: conferences(first: 1, orderBy: ${order}) { nodes { sid } }`)
    expect((await limited.query(`{ ${same.join(' ')} }`, { as })).errors).toBeUndefined()
  })

  it('the maximum number of sorted rows applies to each query separately', async () => {
    for (let i = 0; i < 3; i++) {
      expect((await limited.query(`{ ${lists(3, as.user)} }`, { as })).errors).toBeUndefined()
    }
  })
})
