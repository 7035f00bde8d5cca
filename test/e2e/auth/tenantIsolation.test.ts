import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, accountOf, basicOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

/** Some see others: `admin` all of them, `conf1` its child. Some may not log in. */
const LABELS = ['admin', 'conf1', 'grandchild', 'conf50', 'mix', 'part', 'other-top', 'closed', 'suspended'] as const

interface Room {
  readonly account: string
  readonly sid: string
  readonly over: string
  readonly call: string
}

let gateway: TestGateway
let rooms: readonly Room[]
beforeAll(async () => {
  // Late enough for requests to meet, with everything that may be kept or shared switched on.
  gateway = await startGateway({
    latencyMs: 15,
    env: { LIVE_POLL_INTERVAL_MS: '20', CACHE_LIST_TTL_MS: '300', MUTATION_SETTLE_MS: '0' },
  })
  const { rows } = gateway.sandbox
  rooms = LABELS.map(label => {
    const account_sid = accountOf(label).sid
    const { sid } = rows.addConference({ account_sid })
    const over = rows.addConference({ account_sid, status: 'COMPLETED' }).sid
    return { account: account_sid, sid, over, call: rows.addCall({ account_sid, conference_sid: sid }).sid }
  })
})
beforeEach(async () => {
  gateway.sandbox.intercept(null)
  // Whoever watched may look once more before it is known to have gone.
  do {
    gateway.sandbox.clearRequests()
    await sleep(200)
  } while (gateway.sandbox.requests.length > 0)
})
afterAll(() => gateway.close())

/** The account itself and those below it; none where it may not log in. */
const seenBy = (sid: string): ReadonlySet<string> => {
  const accounts = [...gateway.sandbox.rows.accounts()]
  if (accounts.find(account => account.sid === sid)?.status !== 'active') return new Set()
  const seen = new Set([sid])
  for (let size = 0; size < seen.size; ) {
    size = seen.size
    for (const account of accounts) if (seen.has(account.parent_sid ?? '')) seen.add(account.sid)
  }
  return seen
}

const ROOM = 'accountSid sid status participants { nodes { accountSid callSid call { accountSid from } } }'
const QUERIES: Readonly<Record<string, (room: Room) => string>> = {
  viewer: () => '{ viewer { accountSid: sid } conferences(first: 3) { totalCount nodes { accountSid } } }',
  account: ({ account }) =>
    `{ account(sid: "${account}") { accountSid: sid conferences(last: 2) { nodes { ${ROOM} } } } }`,
  conference: ({ account, sid }) => `{ conference(accountSid: "${account}", sid: "${sid}") { ${ROOM} } }`,
  over: ({ account, over }) => `{ conference(accountSid: "${account}", sid: "${over}") { accountSid friendlyName } }`,
  list: ({ account }) => `{ conferences(accountSid: "${account}", first: 4) { totalCount nodes { accountSid } } }`,
  sorted: ({ account }) =>
    `{ conferences(accountSid: "${account}", first: 2, orderBy: { field: DATE_CREATED, direction: DESC }) {
      nodes { accountSid } } }`,
  node: ({ account, sid, call }) =>
    `{ nodes(ids: ["${idOf('Conference', account, sid)}", "${idOf('Participant', account, sid, call)}", "${idOf('Call', account, call)}"]) {
      ... on Conference { ${ROOM} } ... on Participant { accountSid } ... on Call { accountSid } } }`,
  mute: ({ account, sid, call }) =>
    `mutation { muteParticipant(input: { participantId: "${idOf('Participant', account, sid, call)}" }) {
      participant { accountSid } userErrors { code } } }`,
  watch: ({ account, sid }) =>
    `subscription { conferenceEvents(conferenceId: "${idOf('Conference', account, sid)}") {
      ... on ConferenceSnapshot { conference { ${ROOM} } } } }`,
}

const accountsIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => (name === 'accountSid' ? [String(of)] : accountsIn(of)))
}

/** The answer; of a subscription, the first thing that it tells. */
const answerTo = async (query: string, authorization: string): Promise<Pick<Answer, 'data' | 'errors'>> => {
  if (!query.startsWith('subscription')) return gateway.query(query, { as: null, headers: { authorization } })
  const client = sseClient({ url: gateway.url, headers: { authorization }, retryAttempts: 0 })
  const events = client.iterate({ query })
  const { value } = await events.next()
  await events.return?.()
  client.dispose()
  return value as Answer
}

const tenant = fc.record({
  label: fc.constantFrom(...LABELS),
  by: fc.constantFrom('sid', 'email'),
  isRight: fc.nat(3).map(chance => chance > 0),
})
const asking = fc.record({
  who: tenant,
  kind: fc.constantFrom(...Object.keys(QUERIES)),
  room: fc.nat(LABELS.length - 1),
})

const headerOf = ({ label, by, isRight }: { label: string; by: string; isRight: boolean }): string => {
  const { sid, password } = accountOf(label)
  const user = by === 'sid' ? sid : (gateway.sandbox.rows.account(sid)?.email_address ?? sid)
  return basicOf(user, isRight ? password : `not ${password}`)
}

it('whatever is asked, by whomever, at the same time: no row of an account that these credentials do not see, and none for wrong ones', async () => {
  let shownInAll = 0
  let refusedInAll = 0
  await fc.assert(
    fc.asyncProperty(fc.array(asking, { minLength: 2, maxLength: 24 }), async askings => {
      await Promise.all(
        askings.map(async ({ who, kind, room }) => {
          const [query, target] = [QUERIES[kind], rooms[room]]
          if (query === undefined || target === undefined) throw new Error(`There is no query ${kind}.`)
          const { data, errors } = await answerTo(query(target), headerOf(who))
          const may = who.isRight ? seenBy(accountOf(who.label).sid) : new Set<string>()
          const shown = accountsIn(data)
          expect(shown.filter(account => !may.has(account))).toEqual([])
          shownInAll += shown.length
          if (may.size > 0) return
          refusedInAll++
          expect(errors?.length).toBeGreaterThan(0)
          for (const { extensions } of errors ?? []) {
            expect(extensions?.code).toBe(who.isRight ? 'FORBIDDEN' : 'UNAUTHENTICATED')
          }
        }),
      )
    }),
    { numRuns: 60 },
  )
  expect(shownInAll).toBeGreaterThan(50)
  expect(refusedInAll).toBeGreaterThan(50)
}, 240_000)

describe('equal reads at the same time', () => {
  it.each([
    ['an account', ({ account }: Room) => `{ account(sid: "${account}") { sid } }`],
    ['a conference', ({ account, sid }: Room) => `{ conference(accountSid: "${account}", sid: "${sid}") { sid } }`],
    ['a list', ({ account }: Room) => `{ conferences(accountSid: "${account}", first: 7) { nodes { sid } } }`],
  ])('of %s are one upstream request for each of the credentials, right or wrong', async (_what, query) => {
    const [target] = rooms.filter(({ account }) => account === accountOf('grandchild').sid)
    if (target === undefined) throw new Error('There is no such room.')
    // Nothing is answered until everybody has asked.
    const gate = Promise.withResolvers<undefined>()
    gateway.sandbox.intercept(() => gate.promise)
    const headers = [
      { label: 'admin', by: 'sid', isRight: true },
      { label: 'conf1', by: 'sid', isRight: true },
      { label: 'grandchild', by: 'sid', isRight: true },
      { label: 'grandchild', by: 'sid', isRight: false },
      { label: 'conf50', by: 'sid', isRight: true },
    ].map(headerOf)
    const answers = headers.flatMap(header => Array.from({ length: 6 }, () => answerTo(query(target), header)))
    await expect.poll(() => gateway.sandbox.requests.length, { timeout: 10_000 }).toBe(headers.length)
    await sleep(1_000)
    gate.resolve(undefined)
    await Promise.all(answers)
    expect(gateway.sandbox.requests.map(({ account }) => account)).toHaveLength(headers.length)
  })
})
