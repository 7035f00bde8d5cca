import { afterEach, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

/** Four times the queries after which the test finds totals that are used without verification. */
const QUERY_COUNT = 1_000
const CLIENT_COUNT = 16
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

const expectedSids = (label: string, filter: Filter | null): string[] =>
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

it(`${QUERY_COUNT} queries of ${CLIENT_COUNT} clients are correct while every fifth envelope belongs to a different request`, async () => {
  gateway = await startGateway()
  gateway.sandbox.setMismatchedEnvelopes({ rate: 0.2, seed: 7, serverErrors: 0.005, mixed: 0.5 })
  /** Cursors of returned pages by account and filter, from which later queries start. */
  const cursors = new Map<string, { cursor: string; position: number }[]>()
  let wrong = 0
  let started = 0

  const sendRandomQuery = async (random: (below: number) => number) => {
    const label = LABELS[random(LABELS.length)] ?? 'conf137'
    const filter = FILTERS[random(FILTERS.length)] ?? null
    const expected = expectedSids(label, filter)
    const candidates = cursors.get(label + JSON.stringify(filter)) ?? []
    const anchor = random(2) === 0 ? undefined : candidates[random(candidates.length)]
    const size = 1 + random(60)
    const isBackwards = random(3) === 0
    const selection = random(3)
    const variables = {
      [isBackwards ? 'last' : 'first']: size,
      ...(anchor && { [isBackwards ? 'before' : 'after']: anchor.cursor }),
      filter,
      total: selection !== 1,
      rows: selection !== 2,
    }
    const { data, errors } = await gateway.query(QUERY, { as: label, variables })
    const [first, last] = isBackwards
      ? [0, anchor?.position ?? expected.length]
      : [anchor ? anchor.position + 1 : 0, expected.length]
    const start = isBackwards ? Math.max(first, last - size) : first
    const end = isBackwards ? last : Math.min(last, first + size)
    const expectedResult = {
      ...(variables.total && { totalCount: expected.length }),
      ...(variables.rows && {
        sids: expected.slice(start, end),
        pageInfo: { hasNextPage: end < expected.length, hasPreviousPage: start > 0 },
      }),
    }
    const { totalCount, edges, pageInfo } = data?.conferences ?? {}
    const result = {
      ...(variables.total && { totalCount }),
      ...(variables.rows && { sids: edges?.map((edge: { node: { sid: string } }) => edge.node.sid), pageInfo }),
    }
    if (errors !== undefined || JSON.stringify(result) !== JSON.stringify(expectedResult)) {
      wrong++
      expect({ label, variables, errors, result }).toEqual({
        label,
        variables,
        errors: undefined,
        result: expectedResult,
      })
    }
    if (variables.rows && edges.length > 0) {
      cursors.set(
        label + JSON.stringify(filter),
        edges.map(({ cursor }: { cursor: string }, i: number) => ({ cursor, position: start + i })),
      )
    }
  }

  await Promise.all(
    Array.from({ length: CLIENT_COUNT }, async (_, client) => {
      const random = randomFrom(client + 1)
      while (started++ < QUERY_COUNT) await sendRandomQuery(random)
    }),
  )
  expect(wrong).toBe(0)
}, 400_000)

/** An account without further conferences. */
const EMPTY_ACCOUNT = 'conf0'

/** Adds a conference for each number of calls. */
const addConferences = (callCounts: readonly number[]) => {
  const { sid: account_sid } = accountOf(EMPTY_ACCOUNT)
  const { rows } = gateway.sandbox
  for (const calls of callCounts) {
    const { sid } = rows.addConference({ account_sid, friendly_name: String(calls) })
    for (let i = 0; i < calls; i++) rows.addCall({ account_sid, conference_sid: sid })
  }
}

describe.each([1, 2, 3, 4])('envelopes with the total of a different list (seed %i)', seed => {
  it(`totalCount of the calls of ten conferences is correct despite envelopes with other totals (seed ${seed})`, async () => {
    gateway = await startGateway()
    addConferences([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const query = '{ conferences(first: 20) { nodes { friendlyName calls { totalCount } } } }'
    const runQuery = async () => {
      const { data, errors } = await gateway.query(query, { as: EMPTY_ACCOUNT })
      expect(errors).toBeUndefined()
      return data.conferences.nodes.map(
        ({ friendlyName, calls }: { friendlyName: string; calls: { totalCount: number } }) =>
          `${calls.totalCount} of ${friendlyName}`,
      )
    }
    // Without mismatched envelopes.
    const expected = await runQuery()
    expect(expected.toSorted()).toEqual([1, 10, 2, 3, 4, 5, 6, 7, 8, 9].map(calls => `${calls} of ${calls}`))
    gateway.sandbox.setMismatchedEnvelopes({ rate: 0.068, seed, mixed: 0 })
    for (let round = 0; round < 5; round++) expect(await runQuery()).toEqual(expected)
  })

  it(`totalCount of a list with four filters is correct despite envelopes with other totals (seed ${seed})`, async () => {
    gateway = await startGateway()
    const statuses = ['COMPLETED', 'FAILED', 'STOPPING', 'RUNNING_MODERATOR_PRESENT'] as const
    const aliases = statuses.map(status => `${status}: conferences(filter: { status: ${status} }) { totalCount }`)
    const runQuery = () => gateway.query(`{ ${aliases.join(' ')} }`, { as: 'mix' })
    const expected = statuses.map(status => [status, { totalCount: expectedSids('mix', { status }).length }])
    expect(await runQuery()).toEqual({ data: Object.fromEntries(expected) })
    gateway.sandbox.setMismatchedEnvelopes({ rate: 0.2, seed, mixed: 0 })
    for (let round = 0; round < 5; round++) expect(await runQuery()).toEqual({ data: Object.fromEntries(expected) })
  })
})

it('with several worker processes, a total is verified with the last page, even for a single list', async () => {
  gateway = await startGateway({ clusterMetrics: { register: () => undefined, exposition: async () => '' } })
  expect((await gateway.query('{ conferences { totalCount } }')).data.conferences.totalCount).toBe(137)
  const { sid } = accountOf('conf137')
  expect(gateway.takeUpstreamRequests()).toEqual([
    `GET Accounts/${sid}/Conferences?Page=0&PageSize=1`,
    `GET Accounts/${sid}/Conferences?Page=68&PageSize=2`,
  ])
})
