import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConferenceRow } from '../../../src/sandbox/index.ts'
import { type Answer, accountOf, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { MAX_SORTED_ROWS: '2500' } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const compare = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)
const bySid = (a: ConferenceRow, b: ConferenceRow) => compare(a.sid, b.sid)
const cut = (stamp: string) => stamp.slice(0, 19)
const ORDERS = {
  DATE_CREATED: (a: ConferenceRow, b: ConferenceRow) =>
    compare(cut(a.date_created), cut(b.date_created)) || bySid(a, b),
  DATE_UPDATED: (a: ConferenceRow, b: ConferenceRow) =>
    compare(cut(a.date_updated), cut(b.date_updated)) || bySid(a, b),
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

describe.each(['DATE_CREATED', 'DATE_UPDATED', 'FRIENDLY_NAME'] as const)('by %s', field => {
  it.each([
    ['mix', 'ASC'],
    ['mix', 'DESC'],
    ['nullname', 'ASC'],
    ['conf137', 'ASC'],
    ['conf137', 'DESC'],
  ])('the conferences of %s are walked %s, to the end and back', async (label, direction) => {
    const order = `{ field: ${field}, direction: ${direction} }`
    const all = sorted(label, field, direction)
    for (const [from, cursor, edge, more] of [
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
        if (!pageInfo[more]) break
        args = `${from}: 20, ${cursor}: "${pageInfo[edge]}"`
      }
      expect(seen).toEqual(all)
    }
  })
})

it('a list is read once for all pages and lengths of it that one operation asks for', async () => {
  const newest = 'orderBy: { field: DATE_CREATED, direction: DESC }'
  await gateway.query(
    `{ a: conferences(first: 3, ${newest}) { nodes { sid } } b: conferences(last: 3, ${newest}) { totalCount nodes { sid } }
       c: conferences(first: 3, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { nodes { sid } } }`,
  )
  expect(gateway.asked()).toHaveLength(1)
})

it('a bad cursor is refused before anything is read', async () => {
  const { errors } = await gateway.query(
    '{ conferences(after: "x", orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }',
  )
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  expect(gateway.asked()).toEqual([])
})

describe('a long list', () => {
  const account = (length: number) => {
    const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: `${length}@example.com` })
    for (let i = 0; i < length; i++)
      gateway.sandbox.rows.addConference({ account_sid: sid, status: i % 2 ? 'COMPLETED' : 'FAILED' })
    return { user: sid, password: 'token' }
  }
  const NEWEST = 'first: 1, orderBy: { field: DATE_CREATED, direction: DESC }'

  it('is read to its end', async () => {
    const as = account(2_500)
    const { data, errors } = await gateway.query(`{ conferences(${NEWEST}) { totalCount nodes { sid } } }`, { as })
    expect(errors).toBeUndefined()
    expect(data.conferences.totalCount).toBe(2_500)
    expect(gateway.sandbox.requests.every(({ status }) => status === 200)).toBe(true)
  })

  it('past the bound is LIST_TOO_LARGE, with the advice to filter, and a filter helps', async () => {
    const as = account(2_501)
    const { errors } = await gateway.query(`{ conferences(${NEWEST}) { nodes { sid } } }`, { as })
    expect(errors).toMatchObject([
      { message: expect.stringContaining('`filter`'), extensions: { code: 'LIST_TOO_LARGE' } },
    ])
    expect(gateway.sandbox.requests.reduce((sum, { rowsSent }) => sum + rowsSent, 0)).toBeLessThan(2_501)
    const filtered = `{ conferences(${NEWEST}, filter: { status: FAILED }) { totalCount nodes { sid } } }`
    expect((await gateway.query(filtered, { as })).data.conferences.totalCount).toBe(1_251)
  })

  it('is counted without being read, where nothing of it is asked for in order', async () => {
    const as = account(2_502)
    gateway.sandbox.clearRequests()
    const { data, errors } = await gateway.query(`{ conferences(${NEWEST}) { totalCount } }`, { as })
    expect(errors).toBeUndefined()
    expect(data.conferences.totalCount).toBe(2_502)
    expect(gateway.sandbox.requests.reduce((sum, { rowsSent }) => sum + rowsSent, 0)).toBeLessThan(10)
  })

  it('is sorted once for all who ask for pages of it', async () => {
    const as = account(2_000)
    const aliases = Array.from({ length: 100 }, (_, i) => `a${i}: conferences(${NEWEST}) { nodes { sid } }`)
    const parse = vi.spyOn(Date, 'parse')
    const { errors } = await gateway.query(`{ ${aliases.join(' ')} }`, { as })
    expect(errors).toBeUndefined()
    // One for the key of each row; where each page were sorted by itself there would be 200,000.
    expect(parse.mock.calls.length).toBeLessThan(10_000)
    parse.mockRestore()
  })
})

it('rows that leave a filtered list while it is read do not take others with them', async () => {
  const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'leaving@example.com' })
  const rows = Array.from({ length: 1_800 }, () =>
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
  expect(data.conferences.totalCount).toBe(1_799)
})

it('a row that leaves between two pages takes none of those that stay with it, also when its own was shown already', async () => {
  const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'seam@example.com' })
  const rows = Array.from({ length: 2_400 }, () =>
    gateway.sandbox.rows.addConference({ account_sid: sid, status: 'STOPPING' }),
  )
  const sids = rows.map(row => row.sid).toSorted()
  let reads = 0
  gateway.sandbox.intercept(() => {
    // After the first page, one that was on it.
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
    if (reads < 2) throw new Error('The list was read in one page.')
  }
  gateway.sandbox.intercept(null)
  expect(seen.toSorted()).toEqual(sids.filter(other => other !== sids[3]))
})

describe('many lists of one query', () => {
  const ORDER = 'orderBy: { field: DATE_CREATED, direction: DESC }'
  /** Each a list of its own, with the same rows, in a part of the answer that may be null by itself. */
  const lists = (count: number, sid: string) =>
    Array.from({ length: count }, (_, i) => {
      const filter = `{ createdOnOrAfter: "2001-01-${String(i + 1).padStart(2, '0')}" }`
      return `a${i}: account(sid: "${sid}") { conferences(first: 1, ${ORDER}, filter: ${filter}) { nodes { sid } } }`
    }).join(' ')
  const rowsSent = () => bounded.sandbox.requests.reduce((sum, request) => sum + request.rowsSent, 0)
  const arrived = ({ data }: Answer) => Object.values(data).filter(value => value !== null).length
  let bounded: TestGateway
  let as: { user: string; password: string }

  beforeAll(async () => {
    bounded = await startGateway({
      env: { MAX_SORTED_ROWS: '2000', MAX_QUERY_SORTED_ROWS: '6000', LIVE_POLL_INTERVAL_MS: '20' },
    })
    const { sid } = bounded.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'many@example.com' })
    for (let i = 0; i < 1_500; i++) bounded.sandbox.rows.addConference({ account_sid: sid, status: 'COMPLETED' })
    as = { user: sid, password: 'token' }
  })
  beforeEach(() => bounded.sandbox.clearRequests())
  afterAll(() => bounded.close())

  it('are all read, up to the bound', async () => {
    const answer = await bounded.query(`{ ${lists(4, as.user)} }`, { as })
    expect(answer.errors).toBeUndefined()
    expect(arrived(answer)).toBe(4)
  })

  it('have no more rows together: each that would have too many is LIST_TOO_LARGE by itself', async () => {
    const unsorted = 'unsorted: conferences(first: 500) { nodes { sid } }'
    const answer = await bounded.query(`{ ${lists(5, as.user)} ${unsorted} }`, { as })
    const errors = answer.errors ?? []
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) {
      expect(error).toMatchObject({
        message: expect.stringContaining('6000 rows (MAX_QUERY_SORTED_ROWS)'),
        extensions: { code: 'LIST_TOO_LARGE' },
      })
    }
    expect(arrived(answer)).toBe(6 - errors.length)
    expect(arrived(answer)).toBeGreaterThan(1)
    expect(answer.data.unsorted.nodes).toHaveLength(500)
  })

  it('are not read beyond the bound, however many they are', async () => {
    const answer = await bounded.query(`{ ${lists(30, as.user)} viewer { sid } }`, { as })
    expect(answer.data.viewer).toEqual({ sid: as.user })
    expect(new Set(answer.errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['LIST_TOO_LARGE']))
    expect(rowsSent()).toBeLessThanOrEqual(6_100)
  })

  it('are read as ever where they are short, however many they are', async () => {
    const { sid } = bounded.sandbox.rows.addAccount({ auth_token: 'token', email_address: 'short@example.com' })
    for (let i = 0; i < 100; i++) bounded.sandbox.rows.addConference({ account_sid: sid, status: 'COMPLETED' })
    const answer = await bounded.query(`{ ${lists(30, sid)} }`, { as: { user: sid, password: 'token' } })
    expect(answer.errors).toBeUndefined()
    expect(arrived(answer)).toBe(30)
  })

  it('count anew in each event of a subscription', async () => {
    const client = createClient({ url: bounded.url, headers: { authorization: basicOf(as.user, as.password) } })
    const query = `subscription { conferencesChanged { account { conferences(first: 1, ${ORDER}) { nodes { sid } } } } }`
    const results = client.iterate({ query })
    const begins = setInterval(() => bounded.sandbox.rows.addConference({ account_sid: as.user }), 50)
    for (let i = 0; i < 6; i++) {
      const { value } = await results.next()
      expect(value).toMatchObject({ data: { conferencesChanged: { account: { conferences: { nodes: [{}] } } } } })
    }
    clearInterval(begins)
    await results.return?.()
    client.dispose()
  })

  it('count once where they have the same rows in other orders', async () => {
    const orders = ['DATE_CREATED', 'DATE_UPDATED', 'FRIENDLY_NAME'].flatMap(field =>
      ['ASC', 'DESC'].map(direction => `{ field: ${field}, direction: ${direction} }`),
    )
    const same = orders.map((order, i) => `a${i}: conferences(first: 1, orderBy: ${order}) { nodes { sid } }`)
    expect((await bounded.query(`{ ${same.join(' ')} }`, { as })).errors).toBeUndefined()
  })

  it('are bounded in each query anew', async () => {
    for (let turn = 0; turn < 3; turn++) {
      expect((await bounded.query(`{ ${lists(3, as.user)} }`, { as })).errors).toBeUndefined()
    }
  })
})
