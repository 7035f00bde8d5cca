import fc from 'fast-check'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, basicOf, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

/** `admin` can read all accounts, `conf1` its child account. Inactive accounts cannot log in. */
const LABELS = ['admin', 'conf1', 'grandchild', 'conf50', 'mix', 'part', 'other-top', 'closed', 'suspended'] as const

interface TestConference {
  readonly account: string
  readonly sid: string
  readonly endedSid: string
  readonly call: string
}

let gateway: TestGateway
let conferences: readonly TestConference[]
beforeAll(async () => {
  // The latency makes requests overlap, with all caches and single-flight sharing enabled.
  gateway = await startGateway({
    latencyMs: 15,
    env: { LIVE_POLL_INTERVAL_MS: '20', CACHE_LIST_TTL_MS: '300', MUTATION_SETTLE_MS: '0' },
  })
  const { rows } = gateway.sandbox
  conferences = LABELS.map(label => {
    const account_sid = accountOf(label).sid
    const { sid } = rows.addConference({ account_sid })
    const endedSid = rows.addConference({ account_sid, status: 'COMPLETED' }).sid
    return { account: account_sid, sid, endedSid, call: rows.addCall({ account_sid, conference_sid: sid }).sid }
  })
})
beforeEach(async () => {
  gateway.sandbox.intercept(null)
  // A poll can still run until the gateway notices the end of the subscription.
  await waitUntil(
    async () => /^restcomm_graphql_watches 0$/m.test(await gateway.metrics()),
    'all subscriptions have ended',
  )
  gateway.sandbox.clearRequests()
})
afterAll(() => gateway.close())

/** Number of requests that shared the response of an equal request. */
const deduplicated = async () => {
  const samples = (await gateway.metrics()).matchAll(/^restcomm_graphql_upstream_deduplicated_total\{.*\} (\d+)$/gm)
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** The SIDs of the account and all descendants; empty for an inactive account. */
const visibleAccounts = (sid: string): ReadonlySet<string> => {
  const accounts = [...gateway.sandbox.rows.accounts()]
  if (accounts.find(account => account.sid === sid)?.status !== 'active') return new Set()
  const visible = new Set([sid])
  for (let size = 0; size < visible.size; ) {
    size = visible.size
    for (const account of accounts) if (visible.has(account.parent_sid ?? '')) visible.add(account.sid)
  }
  return visible
}

const CONFERENCE_FIELDS = 'accountSid sid status participants { nodes { accountSid callSid call { accountSid from } } }'
const QUERIES: Readonly<Record<string, (conference: TestConference) => string>> = {
  viewer: () => '{ viewer { accountSid: sid } conferences(first: 3) { totalCount nodes { accountSid } } }',
  account: ({ account }) =>
    `{ account(sid: "${account}") { accountSid: sid conferences(last: 2) { nodes { ${CONFERENCE_FIELDS} } } } }`,
  conference: ({ account, sid }) => `{ conference(accountSid: "${account}", sid: "${sid}") { ${CONFERENCE_FIELDS} } }`,
  ended: ({ account, endedSid }) =>
    `{ conference(accountSid: "${account}", sid: "${endedSid}") { accountSid friendlyName } }`,
  list: ({ account }) => `{ conferences(accountSid: "${account}", first: 4) { totalCount nodes { accountSid } } }`,
  sorted: ({ account }) =>
    `{ conferences(accountSid: "${account}", first: 2, orderBy: { field: DATE_CREATED, direction: DESC }) {
      nodes { accountSid } } }`,
  node: ({ account, sid, call }) =>
    `{ nodes(ids: ["${nodeIdOf('Conference', account, sid)}", "${nodeIdOf('Participant', account, sid, call)}", "${nodeIdOf('Call', account, call)}"]) {
      ... on Conference { ${CONFERENCE_FIELDS} } ... on Participant { accountSid } ... on Call { accountSid } } }`,
  mute: ({ account, sid, call }) =>
    `mutation { muteParticipant(input: { participantId: "${nodeIdOf('Participant', account, sid, call)}" }) {
      participant { accountSid } userErrors { code } } }`,
  watch: ({ account, sid }) =>
    `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', account, sid)}") {
      ... on ConferenceSnapshot { conference { ${CONFERENCE_FIELDS} } } } }`,
}

const accountsIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => (name === 'accountSid' ? [String(of)] : accountsIn(of)))
}

/** The answer of a query, or the first event of a subscription. */
const answerTo = async (query: string, authorization: string): Promise<Pick<GraphQLAnswer, 'data' | 'errors'>> => {
  if (!query.startsWith('subscription')) return gateway.query(query, { as: null, headers: { authorization } })
  const client = sseClient({ url: gateway.url, headers: { authorization }, retryAttempts: 0 })
  const events = client.iterate({ query })
  const { value } = await events.next()
  await events.return?.()
  client.dispose()
  return value as GraphQLAnswer
}

const tenant = fc.record({
  label: fc.constantFrom(...LABELS),
  by: fc.constantFrom('sid', 'email'),
  isRight: fc.nat(3).map(chance => chance > 0),
})
const request = fc.record({
  client: tenant,
  kind: fc.constantFrom(...Object.keys(QUERIES)),
  index: fc.nat(LABELS.length - 1),
})

const headerOf = ({ label, by, isRight }: { label: string; by: string; isRight: boolean }): string => {
  const { sid, password } = accountOf(label)
  const user = by === 'sid' ? sid : (gateway.sandbox.rows.account(sid)?.email_address ?? sid)
  return basicOf(user, isRight ? password : `not ${password}`)
}

it('concurrent random requests of several tenants never return rows of invisible accounts, and no rows for wrong credentials', async () => {
  let returnedCount = 0
  let rejectedCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 24 }), async requests => {
      await Promise.all(
        requests.map(async ({ client, kind, index }) => {
          const [query, target] = [QUERIES[kind], conferences[index]]
          if (query === undefined || target === undefined) throw new Error(`There is no query "${kind}".`)
          const { data, errors } = await answerTo(query(target), headerOf(client))
          const visible = client.isRight ? visibleAccounts(accountOf(client.label).sid) : new Set<string>()
          const returned = accountsIn(data)
          expect(returned.filter(account => !visible.has(account))).toEqual([])
          returnedCount += returned.length
          if (visible.size > 0) return
          rejectedCount++
          expect(errors?.length).toBeGreaterThan(0)
          for (const { extensions } of errors ?? []) {
            expect(extensions?.code).toBe(client.isRight ? 'FORBIDDEN' : 'UNAUTHENTICATED')
          }
        }),
      )
    }),
    { numRuns: 60 },
  )
  expect(returnedCount).toBeGreaterThan(50)
  expect(rejectedCount).toBeGreaterThan(50)
}, 240_000)

describe('equal concurrent reads', () => {
  it.each([
    ['an account', ({ account }: TestConference) => `{ account(sid: "${account}") { sid } }`],
    [
      'a conference',
      ({ account, sid }: TestConference) => `{ conference(accountSid: "${account}", sid: "${sid}") { sid } }`,
    ],
    [
      'a list',
      ({ account }: TestConference) => `{ conferences(accountSid: "${account}", first: 7) { nodes { sid } } }`,
    ],
  ])(
    'equal concurrent reads of %s are one upstream request per credentials, correct or wrong',
    async (_label, query) => {
      const [target] = conferences.filter(({ account }) => account === accountOf('grandchild').sid)
      if (target === undefined) throw new Error('The account "grandchild" has no conference.')
      // The sandbox responds after all requests have arrived.
      const gate = Promise.withResolvers<undefined>()
      gateway.sandbox.intercept(() => gate.promise)
      const headers = [
        { label: 'admin', by: 'sid', isRight: true },
        { label: 'conf1', by: 'sid', isRight: true },
        { label: 'grandchild', by: 'sid', isRight: true },
        { label: 'grandchild', by: 'sid', isRight: false },
        { label: 'conf50', by: 'sid', isRight: true },
      ].map(headerOf)
      const before = await deduplicated()
      const answers = headers.flatMap(header => Array.from({ length: 6 }, () => answerTo(query(target), header)))
      await waitUntil(
        async () => gateway.sandbox.requests.length + (await deduplicated()) - before >= answers.length,
        'every request is sent or shares a request',
      )
      gate.resolve(undefined)
      await Promise.all(answers)
      expect(gateway.sandbox.requests.map(({ account }) => account)).toHaveLength(headers.length)
    },
  )
})
