import fc from 'fast-check'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts'
import { idOf } from '../../support/nodeId.ts'

/** Accounts that the gateway's own may see, each with a room in which two are talking, and one that is over. */
const ACCOUNTS = ['conf1', 'conf49', 'mix', 'part', 'nullname', 'calls', 'grandchild'].map(
  label => accountOf(label).sid,
)

interface Room {
  readonly account: string
  readonly sid: string
  readonly over: string
  readonly calls: readonly string[]
  readonly recording: string
}

let provider: IdentityProvider
let gateway: TestGateway
let rooms: readonly Room[]
beforeAll(async () => {
  provider = await startIdentityProvider()
  const { sid, password } = accountOf('admin')
  const own = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password }
  const quick = { LIVE_POLL_INTERVAL_MS: '20', MUTATION_SETTLE_MS: '0' }
  gateway = await startGateway({ env: { ...own, ...provider.settings, ...quick } })
  const { rows } = gateway.sandbox
  rooms = ACCOUNTS.map(account => {
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const over = rows.addConference({ account_sid: account, status: 'COMPLETED' }).sid
    const calls = [1, 2].map(() => rows.addCall({ account_sid: account, conference_sid: sid }).sid)
    const recording = rows.addRecording({ account_sid: account, call_sid: calls[0] ?? '', duration: 1 }).sid
    return { account, sid, over, calls, recording }
  })
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

/** Whatever has an account shows it under this name. */
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

const idsOf = ({ account, sid, over, calls: [call = ''], recording }: Room): readonly string[] => [
  idOf('Account', account),
  idOf('Conference', account, sid),
  idOf('Conference', account, over),
  idOf('Participant', account, sid, call),
  idOf('Call', account, call),
  idOf('Recording', account, call, recording),
]

const REQUESTS: Readonly<Record<string, (room: Room, other: Room) => Request>> = {
  viewer: () => ({ query: '{ viewer { accountSid: sid friendlyName } conferences { nodes { accountSid } } }' }),
  account: ({ account }) => ({
    query: `{ account(sid: "${account}") { ${NODE} } }`,
  }),
  conference: ({ account, sid }) => ({
    query: `{ conference(accountSid: "${account}", sid: "${sid}") { ${NODE} calls { nodes { accountSid } } } }`,
  }),
  // Kept, once somebody has read it.
  final: ({ account, over }) => ({
    query: `{ conference(accountSid: "${account}", sid: "${over}") { accountSid friendlyName } }`,
  }),
  // Under the name of an account that may be seen.
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
  node: room => ({
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`,
    variables: { ids: idsOf(room) },
  }),
  nodes: (room, other) => ({
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`,
    variables: { ids: [...idsOf(room), ...idsOf(other)] },
  }),
  entities: (room, other) => ({
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${NODE} } }`,
    variables: {
      representations: [room, other].flatMap(({ account, sid, calls: [call] }) => [
        { __typename: 'Account', sid: account },
        { __typename: 'Conference', accountSid: account, sid },
        { __typename: 'Call', accountSid: account, sid: call },
        { __typename: 'Participant', accountSid: account, conferenceSid: sid, callSid: call },
      ]),
    },
  }),
  keys: (room, other) => ({
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Conference { accountSid sid account { accountSid: sid } } ... on Account { accountSid: sid } } }`,
    variables: {
      representations: [room, other].flatMap(({ account, sid }) => [
        { __typename: 'Account', sid: account },
        { __typename: 'Conference', accountSid: account, sid },
      ]),
    },
  }),
  mute: ({ account, sid, calls: [call = ''] }) => ({
    query: `mutation ($id: ID!) { muteParticipant(input: { participantId: $id }) { participant { accountSid } } }`,
    variables: { id: idOf('Participant', account, sid, call) },
  }),
  muteAll: ({ account, sid }) => ({
    query: `mutation ($id: ID!) { muteConference(input: { conferenceId: $id }) {
      conference { accountSid } muted { accountSid } } }`,
    variables: { id: idOf('Conference', account, sid) },
  }),
  hangUp: ({ account, sid, calls: [, call = ''] }) => ({
    query: `mutation ($id: ID!) { hangUpParticipant(input: { participantId: $id }) {
      call { accountSid } conference { accountSid } } }`,
    variables: { id: idOf('Participant', account, sid, call) },
  }),
  watch: ({ account, sid }) => ({
    query: `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) {
      ... on ConferenceSnapshot { conference { ${NODE} } } } }`,
    variables: { id: idOf('Conference', account, sid) },
  }),
}

const accountsIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(accountsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => (name === 'accountSid' ? [String(of)] : accountsIn(of)))
}

/** The accounts of everything that the answer has; of a subscription, of the first thing that it tells. */
const accountsShown = async (token: string, { query, variables = {} }: Request): Promise<readonly string[]> => {
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
const question = fc.record({
  kind: fc.constantFrom(...Object.keys(REQUESTS)),
  room: fc.nat(ACCOUNTS.length - 1),
  other: fc.nat(ACCOUNTS.length - 1),
})
const requestOf = ({ kind, room, other }: { kind: string; room: number; other: number }): Request => {
  const [make, one, two] = [REQUESTS[kind], rooms[room], rooms[other]]
  if (make === undefined || one === undefined || two === undefined) throw new Error(`There is no request ${kind}.`)
  return make(one, two)
}

it('whatever is asked, by whomever, at the same time: nothing of an account that a token does not list is shown', async () => {
  let shownInAll = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ accounts: tenant, questions: fc.array(question, { minLength: 1, maxLength: 6 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      async tenants => {
        gateway.sandbox.clearRequests()
        await Promise.all(
          tenants.map(async ({ accounts, questions }) => {
            const token = await provider.token({ accounts })
            const shown = await Promise.all(questions.map(asked => accountsShown(token, requestOf(asked))))
            expect(shown.flat().filter(account => !accounts.includes(account))).toEqual([])
            shownInAll += shown.flat().length
          }),
        )
        const allowed = new Set(tenants.flatMap(({ accounts }) => accounts))
        const asked = gateway.sandbox.requests.map(({ path }) => /Accounts\/(\w+)/.exec(path)?.[1] ?? path)
        expect(asked.filter(account => !allowed.has(account))).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
  expect(shownInAll).toBeGreaterThan(100)
}, 120_000)
