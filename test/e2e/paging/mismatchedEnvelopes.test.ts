import { afterEach, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

/** Queries in all; issue for issue what sixteen impatient front ends would ask. */
const QUERIES = 10_000
const CLIENTS = 16
const LABELS = ['conf0', 'conf1', 'conf49', 'conf50', 'conf51', 'conf100', 'conf101', 'conf137', 'mix']
type Filter = { status: string } | { createdOnOrAfter: string } | { friendlyName: string }
const FILTERS: readonly (Filter | null)[] = [
  null,
  { status: 'COMPLETED' },
  { status: 'FAILED' },
  { createdOnOrAfter: '2019-01-03' },
  { friendlyName: 'Room 0%' },
]

const QUERY = `query ($first: Int, $last: Int, $after: String, $before: String, $filter: ConferenceFilter, $total: Boolean!, $rows: Boolean!) {
  conferences(first: $first, last: $last, after: $after, before: $before, filter: $filter) {
    totalCount @include(if: $total)
    edges @include(if: $rows) { cursor node { sid } }
    pageInfo @include(if: $rows) { hasNextPage hasPreviousPage }
  }
}`

const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const truthOf = (label: string, filter: Filter | null): string[] =>
  gateway.sandbox.rows
    .conferencesOf(accountOf(label).sid)
    .filter(row => {
      if (filter === null) return true
      if ('status' in filter) return row.status === filter.status
      if ('createdOnOrAfter' in filter) return row.date_created >= filter.createdOnOrAfter
      return row.friendly_name?.startsWith('Room 0') ?? false
    })
    .map(row => row.sid)
    .toSorted()

it(`${QUERIES} queries of ${CLIENTS} clients are all answered right while every fifth envelope is another request's`, async () => {
  gateway = await startGateway()
  gateway.sandbox.setForeignEnvelopes({ rate: 0.2, seed: 7, serverErrors: 0.005, mixed: 0.5 })
  /** Cursors that were shown, so that pages begin anywhere. */
  const cursors = new Map<string, { cursor: string; position: number }[]>()
  let wrong = 0
  let asked = 0

  const askOne = async (random: (below: number) => number) => {
    const label = LABELS[random(LABELS.length)] ?? 'conf137'
    const filter = FILTERS[random(FILTERS.length)] ?? null
    const truth = truthOf(label, filter)
    const known = cursors.get(label + JSON.stringify(filter)) ?? []
    const anchor = random(2) === 0 ? undefined : known[random(known.length)]
    const size = 1 + random(60)
    const back = random(3) === 0
    const kind = random(3)
    const variables = {
      [back ? 'last' : 'first']: size,
      ...(anchor && { [back ? 'before' : 'after']: anchor.cursor }),
      filter,
      total: kind !== 1,
      rows: kind !== 2,
    }
    const { data, errors } = await gateway.query(QUERY, { as: label, variables })
    const [begin, end] = back ? [0, anchor?.position ?? truth.length] : [anchor ? anchor.position + 1 : 0, truth.length]
    const start = back ? Math.max(begin, end - size) : begin
    const beyond = back ? end : Math.min(end, begin + size)
    const want = {
      ...(variables.total && { totalCount: truth.length }),
      ...(variables.rows && {
        sids: truth.slice(start, beyond),
        pageInfo: { hasNextPage: beyond < truth.length, hasPreviousPage: start > 0 },
      }),
    }
    const { totalCount, edges, pageInfo } = data?.conferences ?? {}
    const got = {
      ...(variables.total && { totalCount }),
      ...(variables.rows && { sids: edges?.map((edge: { node: { sid: string } }) => edge.node.sid), pageInfo }),
    }
    if (errors !== undefined || JSON.stringify(got) !== JSON.stringify(want)) {
      wrong++
      expect({ label, variables, errors, got }).toEqual({ label, variables, errors: undefined, got: want })
    }
    if (variables.rows && edges.length > 0) {
      cursors.set(
        label + JSON.stringify(filter),
        edges.map(({ cursor }: { cursor: string }, i: number) => ({ cursor, position: start + i })),
      )
    }
  }

  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const random = randomFrom(client + 1)
      while (asked++ < QUERIES) await askOne(random)
    }),
  )
  expect(wrong).toBe(0)
}, 400_000)

/** Whose rooms nobody else has. */
const OWNER = 'conf0'

/** A room for each number, with so many calls. */
const openRooms = (numbers: readonly number[]) => {
  const { sid: account_sid } = accountOf(OWNER)
  const { rows } = gateway.sandbox
  for (const calls of numbers) {
    const { sid } = rows.addConference({ account_sid, friendly_name: String(calls) })
    for (let i = 0; i < calls; i++) rows.addCall({ account_sid, conference_sid: sid })
  }
}

describe.each([1, 2, 3, 4, 5, 6])('lists of one query, whose envelopes differ in their totals alone (%i)', seed => {
  it('have each their own total, where they are of different rooms', async () => {
    gateway = await startGateway()
    openRooms([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const query = '{ conferences(first: 20) { nodes { friendlyName calls { totalCount } } } }'
    const ask = async () => {
      const { data, errors } = await gateway.query(query, { as: OWNER })
      expect(errors).toBeUndefined()
      return data.conferences.nodes.map(
        ({ friendlyName, calls }: { friendlyName: string; calls: { totalCount: number } }) =>
          `${calls.totalCount} of ${friendlyName}`,
      )
    }
    // Each has rivals from now on.
    const truth = await ask()
    expect(truth.toSorted()).toEqual([1, 10, 2, 3, 4, 5, 6, 7, 8, 9].map(calls => `${calls} of ${calls}`))
    gateway.sandbox.setForeignEnvelopes({ rate: 0.068, seed, mixed: 0 })
    for (let round = 0; round < 5; round++) expect(await ask()).toEqual(truth)
  })

  it('have each their own total, where they are one list under several conditions', async () => {
    gateway = await startGateway()
    const statuses = ['COMPLETED', 'FAILED', 'STOPPING', 'RUNNING_MODERATOR_PRESENT'] as const
    const asked = statuses.map(status => `${status}: conferences(filter: { status: ${status} }) { totalCount }`)
    const ask = () => gateway.query(`{ ${asked.join(' ')} }`, { as: 'mix' })
    const truth = statuses.map(status => [status, { totalCount: truthOf('mix', { status }).length }])
    expect(await ask()).toEqual({ data: Object.fromEntries(truth) })
    gateway.sandbox.setForeignEnvelopes({ rate: 0.2, seed, mixed: 0 })
    for (let round = 0; round < 5; round++) expect(await ask()).toEqual({ data: Object.fromEntries(truth) })
  })
})

it('where several processes read from one server, a total is proven though this one reads nothing else', async () => {
  gateway = await startGateway({ colleagues: { join: () => undefined, exposition: async () => '' } })
  expect((await gateway.query('{ conferences { totalCount } }')).data.conferences.totalCount).toBe(137)
  const { sid } = accountOf('conf137')
  expect(gateway.asked()).toEqual([
    `GET Accounts/${sid}/Conferences?Page=0&PageSize=1`,
    `GET Accounts/${sid}/Conferences?Page=68&PageSize=2`,
  ])
})
