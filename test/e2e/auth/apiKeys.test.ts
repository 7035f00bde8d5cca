import { createHash } from 'node:crypto'
import { createClient as sseClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const sidOf = (label: string) => accountOf(label).sid
const UNKNOWN = `AC${'0'.repeat(32)}`
const SERVICE_CREDENTIALS_REJECTED =
  "Restcomm rejected the gateway's own credentials: check RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN."
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

const queryWithKey = (key: string | null, query: string, variables: Record<string, unknown> = {}) =>
  gateway.query(query, { as: null, variables, ...(key !== null && { headers: { authorization: `Bearer ${key}` } }) })
const codesOf = ({ errors = [] }: Awaited<ReturnType<typeof queryWithKey>>) =>
  errors.map(error => error.extensions?.code)

const VIEWER = '{ viewer { sid } }'

describe('service mode with API keys', () => {
  it('an API key is served with the service credentials, and the scheme Bearer is case-insensitive', async () => {
    expect((await queryWithKey('all', VIEWER)).data.viewer.sid).toBe(sidOf('admin'))
    const lowerCase = await gateway.query(VIEWER, { as: null, headers: { authorization: 'bearer all' } })
    expect(lowerCase.data.viewer.sid).toBe(sidOf('admin'))
    expect(gateway.sandbox.requests.map(({ account }) => account)).toEqual([sidOf('admin'), sidOf('admin')])
  })

  it.each([
    ['an unknown key', 'Bearer none', 'The API key is unknown: expected a key with a hash in API_KEY_HASHES.'],
    [
      'the hash of a key',
      `Bearer ${hashOf('all')}`,
      'The API key is unknown: expected a key with a hash in API_KEY_HASHES.',
    ],
    ['an empty key', 'Bearer ', 'send `Authorization: Bearer` with an API key'],
    [
      'a key of 9,000 characters',
      `Bearer ${'x'.repeat(9_000)}`,
      'The API key is unknown: expected a key with a hash in API_KEY_HASHES.',
    ],
    ['a different scheme', 'Key all', 'send `Authorization: Bearer` with an API key'],
    ['a key without a scheme', 'all', 'send `Authorization: Bearer` with an API key'],
    ['a request without credentials', undefined, 'send `Authorization: Bearer` with an API key'],
  ])(
    'service mode: %s is UNAUTHENTICATED with a reason and without an upstream request',
    async (_label, authorization, message) => {
      const { data, errors } = await gateway.query(VIEWER, {
        as: null,
        ...(authorization !== undefined && { headers: { authorization } }),
      })
      expect(data).toBeUndefined()
      expect(errors).toMatchObject([
        { message: expect.stringContaining(message), extensions: { code: 'UNAUTHENTICATED' } },
      ])
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it('Basic credentials of the request take precedence over the service credentials', async () => {
    expect((await gateway.query(VIEWER, { as: 'conf50' })).data.viewer.sid).toBe(sidOf('conf50'))
    expect(gateway.sandbox.requests.map(({ account }) => account)).toEqual([sidOf('conf50')])
  })

  it('a 401 of service mode challenges for Bearer, with error="invalid_token" for a rejected token', async () => {
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

it('service credentials rejected by Restcomm are UPSTREAM_UNAVAILABLE for clients and a warning in the log', async () => {
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
        message: SERVICE_CREDENTIALS_REJECTED,
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ])
  }
  expect(misconfigured.takeUpstreamRequests()).toHaveLength(2)
  expect(misconfigured.logged.join('')).toContain(`"message":"${SERVICE_CREDENTIALS_REJECTED}"`)
  const wrong = { user: sidOf('part'), password: 'another' }
  expect((await misconfigured.query(VIEWER, { as: wrong })).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ])
  await misconfigured.close()
})

describe('an API key limited to accounts', () => {
  it('the first account of an API key is its viewer', async () => {
    expect((await queryWithKey('two', '{ viewer { sid } conferences { totalCount } }')).data).toEqual({
      viewer: { sid: sidOf('conf1') },
      conferences: { totalCount: 1 },
    })
    expect((await queryWithKey('part', VIEWER)).data.viewer.sid).toBe(sidOf('part'))
  })

  it('an API key reads all its accounts and their objects', async () => {
    const { data, errors } = await queryWithKey(
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
  const conferenceSid = conferenceOf('part5')
  const call = callOf('part5/run000')
  const participant = nodeIdOf('Participant', part, conferenceSid, call)
  const requests: readonly (readonly [label: string, query: string])[] = [
    ['the account', `{ account(sid: "${part}") { sid } }`],
    ['the conferences', `{ conferences(accountSid: "${part}") { totalCount } }`],
    ['an empty page of conferences', `{ conferences(accountSid: "${part}", first: 0) { nodes { sid } } }`],
    [
      'the sorted conferences',
      `{ conferences(accountSid: "${part}", orderBy: { field: DATE_CREATED, direction: ASC }) { nodes { sid } } }`,
    ],
    ['a conference', `{ conference(accountSid: "${part}", sid: "${conferenceSid}") { sid } }`],
    [
      'the participants',
      `{ conference(accountSid: "${part}", sid: "${conferenceSid}") { participants { nodes { callSid } } } }`,
    ],
    ...[
      nodeIdOf('Account', part),
      nodeIdOf('Conference', part, conferenceSid),
      participant,
      nodeIdOf('Call', part, call),
      nodeIdOf('Recording', part, call, `RE${'0'.repeat(32)}`),
    ].flatMap(id => [
      ['a node ID', `{ node(id: "${id}") { id } }`] as const,
      ['an ID in nodes', `{ nodes(ids: ["${id}"]) { id } }`] as const,
    ]),
    ...[
      `{ __typename: "Account", sid: "${part}" }`,
      `{ __typename: "Conference", accountSid: "${part}", sid: "${conferenceSid}" }`,
      `{ __typename: "Call", accountSid: "${part}", sid: "${call}" }`,
      `{ __typename: "Participant", accountSid: "${part}", conferenceSid: "${conferenceSid}", callSid: "${call}" }`,
    ].map(
      reference =>
        [
          'an entity with key fields only',
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
          `mutation { ${name}(input: { conferenceId: "${nodeIdOf('Conference', part, conferenceSid)}" }) { userErrors { code } } }`,
        ] as const,
    ),
  ]
  it.each(requests)(
    'an API key without the account gets FORBIDDEN for %s, without an upstream request: %s',
    async (_label, query) => {
      const answer = await queryWithKey('odd', query)
      expect(codesOf(answer)).toEqual(['FORBIDDEN'])
      expect(answer.errors?.[0]?.message).toMatch(
        /^These credentials do not allow access to account AC\w{32}: use credentials that include the account\.$/,
      )
      expect(JSON.stringify(answer.data ?? null)).not.toContain(conferenceSid)
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it.each([
    [
      'conferenceEvents',
      `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', part, conferenceSid)}") { __typename } }`,
    ],
    ['accountEvents', `subscription { accountEvents(accountSid: "${part}") { __typename } }`],
  ])('an API key cannot join the poll of a different account: %s', async (_label, query) => {
    const clientOf = (key: string) =>
      sseClient({ url: gateway.url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0 })
    const subscriber = clientOf('part')
    const stranger = clientOf('odd')
    const events = subscriber.iterate({ query })
    const first = events.next()
    await expect.poll(() => gateway.sandbox.requests.length).toBeGreaterThan(0)
    const { value } = await stranger.iterate({ query }).next()
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    await events.return?.()
    await first
    subscriber.dispose()
    stranger.dispose()
  })

  it('an API key sees a participant of a different account in its own conference, but not the call', async () => {
    const { rows } = gateway.sandbox
    const own = sidOf('conf1')
    const { sid } = rows.addConference({ account_sid: own, status: 'RUNNING_MODERATOR_PRESENT' })
    const callOfDifferentAccount = rows.addCall({ account_sid: sidOf('conf50'), conference_sid: sid }).sid
    const ownCall = rows.addCall({ account_sid: own, conference_sid: sid }).sid
    const { data, errors } = await queryWithKey(
      'two',
      `{ conference(sid: "${sid}") { participants { nodes { callSid call { sid } } } } }`,
    )
    expect(data.conference.participants.nodes).toHaveLength(2)
    expect(data.conference.participants.nodes).toEqual(
      expect.arrayContaining([
        { callSid: ownCall, call: { sid: ownCall } },
        { callSid: callOfDifferentAccount, call: null },
      ]),
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const mutation = `mutation { endConference(input: { conferenceId: "${nodeIdOf('Conference', own, sid)}" }) {
      hungUp { sid } userErrors { code message } } }`
    expect((await queryWithKey('two', mutation)).data.endConference).toEqual({
      hungUp: [{ sid: ownCall }],
      userErrors: [
        { code: 'REFUSED', message: `The credentials do not permit the command for call ${callOfDifferentAccount}.` },
      ],
    })
    expect(gateway.takeUpstreamRequests().filter(request => request.includes(sidOf('conf50')))).toEqual([])
  })

  it('an unknown account of an API key is null, without a mention of the service account', async () => {
    const answer = await queryWithKey('odd', `{ conferences(accountSid: "${UNKNOWN}") { totalCount } }`)
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT'])
    expect((await queryWithKey('odd', `{ account(sid: "${UNKNOWN}") { sid friendlyName } }`)).data).toEqual({
      account: null,
    })
    expect(JSON.stringify(answer)).not.toContain(sidOf('admin'))
    expect(codesOf(await queryWithKey('odd', `{ account(sid: "${sidOf('admin')}") { sid } }`))).toEqual(['FORBIDDEN'])
  })

  it('an account unreadable for the service account is FORBIDDEN by Restcomm', async () => {
    const { errors } = await queryWithKey('odd', VIEWER)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${sidOf('other-top')}`])
  })
})

it('the log has the names of named API keys', async () => {
  const clientOf = async (key: string) => {
    const before = gateway.logged.length
    await queryWithKey(key, VIEWER)
    const lines = gateway.logged.slice(before).map(line => JSON.parse(line) as { msg: string; client?: string })
    return lines.filter(({ msg }) => msg === 'operation').map(({ client }) => client)
  }
  expect(await clientOf('part')).toEqual(['wall-board'])
  expect(await clientOf('two')).toEqual([undefined])
})

it('the log has no API key and no hash of a key', () => {
  const log = gateway.logged.join('')
  const secrets = [...['all', 'part', 'two', 'odd'].flatMap(key => [hashOf(key), `Bearer ${key}`])]
  expect(log).toContain('These credentials do not allow access to account AC')
  expect([...secrets, accountOf('admin').password].filter(secret => log.includes(secret))).toEqual([])
})
