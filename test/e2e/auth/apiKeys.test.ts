import { createHash } from 'node:crypto'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const sidOf = (label: string) => accountOf(label).sid
const UNKNOWN = `AC${'0'.repeat(32)}`
const KEYS = {
  all: `${hashOf('all')}`,
  part: `wall-board:${hashOf('part')}=${sidOf('part')}`,
  two: `${hashOf('two')}=${sidOf('conf1')}+${sidOf('part')}`,
  odd: `${hashOf('odd')}=${sidOf('other-top')}+${UNKNOWN}`,
}

let gateway: TestGateway
beforeAll(async () => {
  const { sid, password } = accountOf('admin')
  gateway = await startGateway({
    env: {
      RESTCOMM_ACCOUNT_SID: sid,
      RESTCOMM_AUTH_TOKEN: password,
      API_KEY_HASHES: Object.values(KEYS).join(', '),
      LIVE_POLL_INTERVAL_MS: '50',
    },
  })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const ask = (key: string | null, query: string, variables: Record<string, unknown> = {}) =>
  gateway.query(query, { as: null, variables, ...(key !== null && { headers: { authorization: `Bearer ${key}` } }) })
const codesOf = ({ errors = [] }: Awaited<ReturnType<typeof ask>>) => errors.map(error => error.extensions?.code)

const VIEWER = '{ viewer { sid } }'

describe('in service mode', () => {
  it("whoever shows a key is served with the gateway's own credentials, and the scheme may be in lower case", async () => {
    expect((await ask('all', VIEWER)).data.viewer.sid).toBe(sidOf('admin'))
    const lower = await gateway.query(VIEWER, { as: null, headers: { authorization: 'bearer all' } })
    expect(lower.data.viewer.sid).toBe(sidOf('admin'))
    expect(gateway.sandbox.requests.map(({ account }) => account)).toEqual([sidOf('admin'), sidOf('admin')])
  })

  it.each([
    ['another key', 'Bearer none', 'The API key is not one that counts here.'],
    ['the hash of a key', `Bearer ${hashOf('all')}`, 'The API key is not one that counts here.'],
    ['an empty key', 'Bearer ', 'send `Authorization: Bearer` with an API key'],
    ['a key that is no header', `Bearer ${'x'.repeat(9_000)}`, 'The API key is not one that counts here.'],
    ['another scheme', 'Key all', 'send `Authorization: Bearer` with an API key'],
    ['a key without a scheme', 'all', 'send `Authorization: Bearer` with an API key'],
    ['no credentials', undefined, 'send `Authorization: Bearer` with an API key'],
  ])('%s is UNAUTHENTICATED, says why, and sends nothing', async (_what, authorization, message) => {
    const { data, errors } = await gateway.query(VIEWER, {
      as: null,
      ...(authorization !== undefined && { headers: { authorization } }),
    })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'UNAUTHENTICATED' } },
    ])
    expect(gateway.asked()).toEqual([])
  })

  it("the caller's own credentials go first", async () => {
    expect((await gateway.query(VIEWER, { as: 'conf50' })).data.viewer.sid).toBe(sidOf('conf50'))
    expect(gateway.sandbox.requests.map(({ account }) => account)).toEqual([sidOf('conf50')])
  })

  it('a 401 asks for a Bearer, and says when one was shown that does not count', async () => {
    const challengeOf = async (headers: Record<string, string>) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: VIEWER }),
      })
      return [response.status, response.headers.get('www-authenticate')]
    }
    expect(await challengeOf({})).toEqual([401, 'Bearer realm="Restcomm"'])
    expect(await challengeOf({ authorization: 'Bearer x' })).toEqual([
      401,
      'Bearer realm="Restcomm", error="invalid_token"',
    ])
  })
})

it("that Restcomm refuses the gateway's own credentials is no fault of a client's, and the log warns of it", async () => {
  const misconfigured = await startGateway({
    env: {
      RESTCOMM_ACCOUNT_SID: sidOf('admin'),
      RESTCOMM_AUTH_TOKEN: 'another',
      API_KEY_HASHES: `${hashOf('all')},${hashOf('part')}=${sidOf('part')}`,
    },
  })
  for (const key of ['all', 'part']) {
    const { errors } = await misconfigured.query(VIEWER, { as: null, headers: { authorization: `Bearer ${key}` } })
    expect(errors).toMatchObject([
      {
        message: 'Restcomm does not accept the credentials of the gateway itself.',
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ])
  }
  expect(misconfigured.asked()).toHaveLength(2)
  expect(misconfigured.logged.join('')).toContain(
    '"msg":"Restcomm does not accept the credentials of the gateway itself."',
  )
  const wrong = { user: sidOf('part'), password: 'another' }
  expect((await misconfigured.query(VIEWER, { as: wrong })).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ])
  await misconfigured.close()
})

describe('a key for some accounts', () => {
  it('has the first of them for its own', async () => {
    expect((await ask('two', '{ viewer { sid } conferences { totalCount } }')).data).toEqual({
      viewer: { sid: sidOf('conf1') },
      conferences: { totalCount: 1 },
    })
    expect((await ask('part', VIEWER)).data.viewer.sid).toBe(sidOf('part'))
  })

  it('sees all of them, and what belongs to them', async () => {
    const { data, errors } = await ask(
      'two',
      `query ($a: AccountSid!, $b: AccountSid!, $c: ConferenceSid!) {
        a: account(sid: $a) { conferences { totalCount } }
        b: account(sid: $b) { conferences { totalCount } }
        conference(accountSid: $b, sid: $c) { account { friendlyName } participants { totalCount nodes { call { sid } } } }
      }`,
      { a: sidOf('conf1'), b: sidOf('part'), c: conferenceOf('part5') },
    )
    expect(errors).toBeUndefined()
    expect(data.a.conferences.totalCount).toBe(1)
    expect(data.b.conferences.totalCount).toBe(10)
    expect(data.conference.participants.totalCount).toBe(5)
  })

  const part = sidOf('part')
  const room = conferenceOf('part5')
  const call = callOf('part5/run000')
  const participant = idOf('Participant', part, room, call)
  const requests: readonly (readonly [what: string, query: string])[] = [
    ['an account', `{ account(sid: "${part}") { sid } }`],
    ['its conferences', `{ conferences(accountSid: "${part}") { totalCount } }`],
    ['a page of no conferences', `{ conferences(accountSid: "${part}", first: 0) { nodes { sid } } }`],
    [
      'its conferences sorted',
      `{ conferences(accountSid: "${part}", orderBy: { field: DATE_CREATED, direction: ASC }) { nodes { sid } } }`,
    ],
    ['a conference', `{ conference(accountSid: "${part}", sid: "${room}") { sid } }`],
    ['who is in it', `{ conference(accountSid: "${part}", sid: "${room}") { participants { nodes { callSid } } } }`],
    ...[
      idOf('Account', part),
      idOf('Conference', part, room),
      participant,
      idOf('Call', part, call),
      idOf('Recording', part, call, `RE${'0'.repeat(32)}`),
    ].flatMap(id => [
      ['the node', `{ node(id: "${id}") { id } }`] as const,
      ['one of the nodes', `{ nodes(ids: ["${id}"]) { id } }`] as const,
    ]),
    ...[
      `{ __typename: "Account", sid: "${part}" }`,
      `{ __typename: "Conference", accountSid: "${part}", sid: "${room}" }`,
      `{ __typename: "Call", accountSid: "${part}", sid: "${call}" }`,
      `{ __typename: "Participant", accountSid: "${part}", conferenceSid: "${room}", callSid: "${call}" }`,
    ].map(
      reference =>
        [
          'the entity, by its key alone',
          `{ _entities(representations: [${reference}]) { ... on Node { id } } }`,
        ] as const,
    ),
    ...['muteParticipant', 'unmuteParticipant', 'hangUpParticipant'].map(
      name =>
        [name, `mutation { ${name}(input: { participantId: "${participant}" }) { userErrors { code } } }`] as const,
    ),
    ...['muteConference', 'endConference'].map(
      name =>
        [
          name,
          `mutation { ${name}(input: { conferenceId: "${idOf('Conference', part, room)}" }) { userErrors { code } } }`,
        ] as const,
    ),
  ]
  it.each(requests)('of another account finds %s FORBIDDEN, and sends nothing: %s', async (_what, query) => {
    const answer = await ask('odd', query)
    expect(codesOf(answer)).toEqual(['FORBIDDEN'])
    expect(answer.errors?.[0]?.message).toBe('These credentials may not see this account.')
    expect(JSON.stringify(answer.data ?? null)).not.toContain(room)
    expect(gateway.asked()).toEqual([])
  })

  it.each([
    [
      'conferenceEvents',
      `subscription { conferenceEvents(conferenceId: "${idOf('Conference', part, room)}") { __typename } }`,
    ],
    ['conferencesChanged', `subscription { conferencesChanged(accountSid: "${part}") { sid } }`],
  ])('cannot join what another key watches of another account: %s', async (_what, query) => {
    const clientOf = (key: string) =>
      sseClient({ url: gateway.url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0 })
    const watching = clientOf('part')
    const refused = clientOf('odd')
    const events = watching.iterate({ query })
    const first = events.next()
    await expect.poll(() => gateway.sandbox.requests.length).toBeGreaterThan(0)
    const { value } = await refused.iterate({ query }).next()
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    await events.return?.()
    await first
    watching.dispose()
    refused.dispose()
  })

  it('sees a caller of another account in a room of its own, and not the call behind', async () => {
    const { rows } = gateway.sandbox
    const own = sidOf('conf1')
    const { sid } = rows.addConference({ account_sid: own, status: 'RUNNING_MODERATOR_PRESENT' })
    const stranger = rows.addCall({ account_sid: sidOf('conf50'), conference_sid: sid }).sid
    const guest = rows.addCall({ account_sid: own, conference_sid: sid }).sid
    const { data, errors } = await ask(
      'two',
      `{ conference(sid: "${sid}") { participants { nodes { callSid call { sid } } } } }`,
    )
    expect(data.conference.participants.nodes).toHaveLength(2)
    expect(data.conference.participants.nodes).toEqual(
      expect.arrayContaining([
        { callSid: guest, call: { sid: guest } },
        { callSid: stranger, call: null },
      ]),
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const end = `mutation { endConference(input: { conferenceId: "${idOf('Conference', own, sid)}" }) {
      hungUp { sid } userErrors { code message } } }`
    expect((await ask('two', end)).data.endConference).toEqual({
      hungUp: [{ sid: guest }],
      userErrors: [{ code: 'REFUSED', message: 'These credentials may not do this to this participant.' }],
    })
    expect(gateway.asked().filter(request => request.includes(sidOf('conf50')))).toEqual([])
  })

  it('that does not exist is null, without a word of the account that looked', async () => {
    const answer = await ask('odd', `{ conferences(accountSid: "${UNKNOWN}") { totalCount } }`)
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT'])
    expect((await ask('odd', `{ account(sid: "${UNKNOWN}") { sid friendlyName } }`)).data).toEqual({ account: null })
    expect(JSON.stringify(answer)).not.toContain(sidOf('admin'))
    expect(codesOf(await ask('odd', `{ account(sid: "${sidOf('admin')}") { sid } }`))).toEqual(['FORBIDDEN'])
  })

  it("that the gateway's own account may not see is FORBIDDEN by Restcomm", async () => {
    const { errors } = await ask('odd', VIEWER)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.asked()).toEqual([`GET Accounts/${sidOf('other-top')}`])
  })
})

it('the log tells the clients apart that have a name', async () => {
  const clientOf = async (key: string) => {
    const before = gateway.logged.length
    await ask(key, VIEWER)
    const lines = gateway.logged.slice(before).map(line => JSON.parse(line) as { msg: string; client?: string })
    return lines.filter(({ msg }) => msg === 'operation').map(({ client }) => client)
  }
  expect(await clientOf('part')).toEqual(['wall-board'])
  expect(await clientOf('two')).toEqual([undefined])
})

it('no key and no hash of one is ever logged', () => {
  const log = gateway.logged.join('')
  const secrets = [...['all', 'part', 'two', 'odd'].flatMap(key => [hashOf(key), `Bearer ${key}`])]
  expect(log).toContain('These credentials may not see this account.')
  expect([...secrets, accountOf('admin').password].filter(secret => log.includes(secret))).toEqual([])
})
