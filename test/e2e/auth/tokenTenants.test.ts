import fc from 'fast-check'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

/**
 * Accounts readable by the service account, each with a running conference of two participants and an ended conference.
 */
const ACCOUNTS = ['conf1', 'conf49', 'mix', 'part', 'nullname', 'calls', 'grandchild'].map(
  label => accountOf(label).sid,
)

interface TestConference {
  readonly account: string
  readonly sid: string
  readonly endedSid: string
  readonly calls: readonly string[]
  readonly recording: string
}

let provider: IdentityProvider
let gateway: TestGateway
let conferences: readonly TestConference[]
beforeAll(async () => {
  provider = await startIdentityProvider()
  const { sid, password } = accountOf('admin')
  const own = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password }
  const quick = { LIVE_POLL_INTERVAL_MS: '20', MUTATION_SETTLE_MS: '0' }
  gateway = await startGateway({ env: { ...own, ...provider.settings, ...quick } })
  const { rows } = gateway.sandbox
  conferences = ACCOUNTS.map(account => {
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const endedSid = rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const calls = [1, 2].map(() => rows.addCall({ account_sid: account, conference_sid: sid }).sid)
    const recording = rows.addRecording({ account_sid: account, call_sid: calls[0] ?? '', duration: 1 }).sid
    return { account, sid, endedSid, calls, recording }
  })
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

/** Selects the account SID of every object as `accountSid`. */
const NODE = `
  ... on Account { accountSid: sid friendlyName conferences(first: 3) { totalCount nodes { accountSid sid } } }
  ... on Conference { accountSid friendlyName participants { totalCount nodes { accountSid muted call { accountSid } } } }
  ... on Participant { accountSid muted conference { accountSid } }
  ... on Call { accountSid status recordings { accountSid } }
  ... on Recording { accountSid duration }`

interface Request {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

const idsOf = ({ account, sid, endedSid, calls: [call = ''], recording }: TestConference): readonly string[] => [
  nodeIdOf('Account', account),
  nodeIdOf('Conference', account, sid),
  nodeIdOf('Conference', account, endedSid),
  nodeIdOf('Participant', account, sid, call),
  nodeIdOf('Call', account, call),
  nodeIdOf('Recording', account, call, recording),
]

const REQUESTS: Readonly<Record<string, (conference: TestConference, other: TestConference) => Request>> = {
  viewer: () => ({ query: '{ viewer { accountSid: sid friendlyName } conferences { nodes { accountSid } } }' }),
  account: ({ account }) => ({
    query: `{ account(sid: "${account}") { ${NODE} } }`,
  }),
  conference: ({ account, sid }) => ({
    query: `{ conference(accountSid: "${account}", sid: "${sid}") { ${NODE} calls { nodes { accountSid } } } }`,
  }),
  // Served from the cache after the first read.
  ended: ({ account, endedSid }) => ({
    query: `{ conference(accountSid: "${account}", sid: "${endedSid}") { accountSid friendlyName } }`,
  }),
  // The SID of a conference of a different account, below the account of the token.
  smuggled: ({ account }, { sid }) => ({
    query: `{ conference(accountSid: "${account}", sid: "${sid}") { ${NODE} } }`,
  }),
  conferences: ({ account }) => ({
    query: `{ conferences(accountSid: "${account}", first: 5) { totalCount nodes { ${NODE} } } }`,
  }),
  sorted: ({ account }) => ({
    query: `{ conferences(accountSid: "${account}", last: 2, orderBy: { field: FRIENDLY_NAME, direction: DESC }) {
      nodes { accountSid } } }`,
  }),
  node: conference => ({
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`,
    variables: { ids: idsOf(conference) },
  }),
  nodes: (conference, other) => ({
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`,
    variables: { ids: [...idsOf(conference), ...idsOf(other)] },
  }),
  entities: (conference, other) => ({
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${NODE} } }`,
    variables: {
      representations: [conference, other].flatMap(({ account, sid, calls: [call] }) => [
        { __typename: 'Account', sid: account },
        { __typename: 'Conference', accountSid: account, sid },
        { __typename: 'Call', accountSid: account, sid: call },
        { __typename: 'Participant', accountSid: account, conferenceSid: sid, callSid: call },
      ]),
    },
  }),
  keys: (conference, other) => ({
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Conference { accountSid sid account { accountSid: sid } } ... on Account { accountSid: sid } } }`,
    variables: {
      representations: [conference, other].flatMap(({ account, sid }) => [
        { __typename: 'Account', sid: account },
        { __typename: 'Conference', accountSid: account, sid },
      ]),
    },
  }),
  mute: ({ account, sid, calls: [call = ''] }) => ({
    query: `mutation ($id: ID!) { muteParticipant(input: { participantId: $id }) { participant { accountSid } } }`,
    variables: { id: nodeIdOf('Participant', account, sid, call) },
  }),
  muteAll: ({ account, sid }) => ({
    query: `mutation ($id: ID!) { muteConference(input: { conferenceId: $id }) {
      conference { accountSid } mutedParticipants { accountSid } } }`,
    variables: { id: nodeIdOf('Conference', account, sid) },
  }),
  hangUp: ({ account, sid, calls: [, call = ''] }) => ({
    query: `mutation ($id: ID!) { hangUpParticipant(input: { participantId: $id }) {
      call { accountSid } conference { accountSid } } }`,
    variables: { id: nodeIdOf('Participant', account, sid, call) },
  }),
  watch: ({ account, sid }) => ({
    query: `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) {
      ... on ConferenceSnapshot { conference { ${NODE} } } } }`,
    variables: { id: nodeIdOf('Conference', account, sid) },
  }),
}

const accountsIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(accountsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => (name === 'accountSid' ? [String(of)] : accountsIn(of)))
}

/** The account SIDs in an answer, or in the first event of a subscription. */
const returnedAccounts = async (token: string, { query, variables = {} }: Request): Promise<readonly string[]> => {
  const headers = { authorization: `Bearer ${token}` }
  if (!query.startsWith('subscription')) {
    return accountsIn((await gateway.query(query, { as: null, headers, variables })).data)
  }
  const client = sseClient({ url: gateway.url, headers, retryAttempts: 0 })
  const events = client.iterate({ query, variables })
  const { value } = await events.next()
  await events.return?.()
  client.dispose()
  return accountsIn(value)
}

const tenant = fc.uniqueArray(fc.constantFrom(...ACCOUNTS), { minLength: 1, maxLength: 4 })
const request = fc.record({
  kind: fc.constantFrom(...Object.keys(REQUESTS)),
  index: fc.nat(ACCOUNTS.length - 1),
  otherIndex: fc.nat(ACCOUNTS.length - 1),
})
const requestOf = ({ kind, index, otherIndex }: { kind: string; index: number; otherIndex: number }): Request => {
  const [build, conference, other] = [REQUESTS[kind], conferences[index], conferences[otherIndex]]
  if (build === undefined || conference === undefined || other === undefined) {
    throw new Error(`There is no request "${kind}".`)
  }
  return build(conference, other)
}

it('concurrent random requests with tokens never return or request an account missing in the token', async () => {
  let returnedCount = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ accounts: tenant, requests: fc.array(request, { minLength: 1, maxLength: 6 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      async tenants => {
        gateway.sandbox.clearRequests()
        await Promise.all(
          tenants.map(async ({ accounts, requests }) => {
            const token = await provider.token({ accounts })
            const returned = await Promise.all(requests.map(request => returnedAccounts(token, requestOf(request))))
            expect(returned.flat().filter(account => !accounts.includes(account))).toEqual([])
            returnedCount += returned.flat().length
          }),
        )
        const allowed = new Set(tenants.flatMap(({ accounts }) => accounts))
        const requestedAccounts = gateway.sandbox.requests.map(({ path }) => /Accounts\/(\w+)/.exec(path)?.[1] ?? path)
        expect(requestedAccounts.filter(account => !allowed.has(account))).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
  expect(returnedCount).toBeGreaterThan(100)
}, 120_000)
