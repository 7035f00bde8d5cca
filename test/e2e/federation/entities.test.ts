import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  accountOf,
  callOf,
  conferenceOf,
  type QueryOptions,
  startGateway,
  type TestGateway,
} from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => {
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})
afterAll(() => gateway.close())

const { sid: part } = accountOf('part')
const part5 = conferenceOf('part5')
const part1 = conferenceOf('part1')
const call = callOf('part5/run000')
const unknownSid = (prefix: string) => `${prefix}${'0'.repeat(32)}`

const queryEntities = (selection: string, representations: readonly unknown[], options: QueryOptions = {}) =>
  gateway.query(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`,
    {
      as: 'part',
      ...options,
      variables: { representations },
    },
  )

const account = { __typename: 'Account', sid: part }
const conference = { __typename: 'Conference', accountSid: part, sid: part5 }
const participant = { __typename: 'Participant', accountSid: part, conferenceSid: part5, callSid: call }
const callReference = { __typename: 'Call', accountSid: part, sid: call }

describe('_entities', () => {
  it.each([
    [
      'an Account by id',
      { __typename: 'Account', id: nodeIdOf('Account', part) },
      'friendlyName sid',
      [`Accounts/${part}`],
    ],
    ['an Account by sid', account, 'friendlyName sid', [`Accounts/${part}`]],
    [
      'a Conference by id',
      { __typename: 'Conference', id: nodeIdOf('Conference', part, part5) },
      'friendlyName sid',
      [`Accounts/${part}/Conferences/${part5}`],
    ],
    ['a Conference by accountSid and sid', conference, 'friendlyName sid', [`Accounts/${part}/Conferences/${part5}`]],
    [
      'a Participant by id',
      { __typename: 'Participant', id: nodeIdOf('Participant', part, part5, call) },
      'muted sid: callSid',
      // The conference first: Restcomm returns participants without a permission check.
      [`Accounts/${part}/Conferences/${part5}`, `Accounts/${part}/Conferences/${part5}/Participants`],
    ],
    [
      'a Participant by accountSid, conferenceSid and callSid',
      participant,
      'muted sid: callSid',
      [`Accounts/${part}/Conferences/${part5}`, `Accounts/${part}/Conferences/${part5}/Participants`],
    ],
    [
      'a Call by id',
      { __typename: 'Call', id: nodeIdOf('Call', part, call) },
      'direction sid',
      [`Accounts/${part}/Calls/${call}`],
    ],
    ['a Call by accountSid and sid', callReference, 'direction sid', [`Accounts/${part}/Calls/${call}`]],
  ])('_entities resolves a reference to %s', async (_title, reference, fields, requests) => {
    const { __typename } = reference
    const { data, errors } = await queryEntities(`__typename ... on ${__typename} { ${fields} }`, [reference])
    expect(errors).toBeUndefined()
    const sid = { Account: part, Conference: part5, Participant: call, Call: call }[__typename]
    expect(data._entities).toMatchObject([{ __typename, sid }])
    expect(gateway.takeUpstreamRequests()).toEqual(requests.map(path => `GET ${path}`))
  })

  it('_entities resolves a reference to Node with the type of its id, and reads the object only for further fields', async () => {
    const references = [
      { __typename: 'Node', id: nodeIdOf('Conference', part, part5) },
      { __typename: 'Node', id: nodeIdOf('Call', part, call) },
    ]
    const keyOnly = await queryEntities('... on Node { __typename id }', references)
    expect(keyOnly).toMatchObject({ data: { _entities: [{ __typename: 'Conference' }, { __typename: 'Call' }] } })
    expect(gateway.takeUpstreamRequests()).toEqual([])

    const { data } = await queryEntities('... on Conference { friendlyName } ... on Call { callSid: sid }', references)
    expect(data._entities).toEqual([{ friendlyName: 'Participants 5' }, { callSid: call }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('_entities resolves a Recording by id from the recordings of its call', async () => {
    const { sid } = gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: call, duration: 2 })
    const reference = { __typename: 'Recording', id: nodeIdOf('Recording', part, call, sid) }
    const { data } = await queryEntities('... on Recording { sid duration callSid }', [reference])
    expect(data._entities).toEqual([{ sid, duration: 2, callSid: call }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}/Calls/${call}/Recordings`])
  })

  it('_entities returns null for objects that do not exist, not an object with null fields', async () => {
    const { data, errors } = await queryEntities(
      `... on Conference { friendlyName } ... on Account { friendlyName }
       ... on Call { direction } ... on Participant { callSid } ... on Recording { callSid }`,
      [
        { ...conference, sid: unknownSid('CF') },
        { ...account, sid: unknownSid('AC') },
        { ...callReference, sid: unknownSid('CA') },
        { ...participant, callSid: unknownSid('CA') },
        { __typename: 'Recording', id: nodeIdOf('Recording', part, call, unknownSid('RE')) },
      ],
    )
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual([null, null, null, null, null])
  })
})

describe('_entities with key fields only', () => {
  it.each([
    [
      'Conference',
      conference,
      'id sid accountSid',
      { id: nodeIdOf('Conference', part, part5), sid: part5, accountSid: part },
    ],
    ['Conference', conference, 'account { id sid }', { account: { id: nodeIdOf('Account', part), sid: part } }],
    [
      'Conference',
      { __typename: 'Conference', id: nodeIdOf('Conference', part, part5) },
      'sid accountSid',
      { sid: part5, accountSid: part },
    ],
    ['Account', account, 'id sid', { id: nodeIdOf('Account', part), sid: part }],
    ['Call', callReference, 'id sid accountSid', { id: nodeIdOf('Call', part, call), sid: call, accountSid: part }],
  ])(
    '_entities resolves the key fields of %s without upstream requests: %j { %s }',
    async (type, reference, fields, expected) => {
      const { data, errors } = await queryEntities(`__typename ... on ${type} { ${fields} }`, [reference])
      expect(errors).toBeUndefined()
      expect(data._entities).toEqual([{ __typename: type, ...expected }])
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it('_entities sends no request for key fields of a Conference next to an Account that is read', async () => {
    const { data } = await queryEntities('... on Conference { sid } ... on Account { friendlyName }', [
      conference,
      account,
    ])
    expect(data._entities).toEqual([{ sid: part5 }, { friendlyName: expect.any(String) }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}`])
  })

  it('_entities returns key fields without credentials, because the request contains the values', async () => {
    const { data, errors } = await queryEntities('... on Conference { sid }', [conference], { as: null })
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual([{ sid: part5 }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('_entities checks access to a Participant even for key fields', async () => {
    const { data, errors } = await queryEntities('... on Participant { callSid }', [participant], { as: 'conf137' })
    expect(data).toEqual({ _entities: [null] })
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })
})

describe('_entities with several references', () => {
  it('_entities keeps the order of the references and looks each object up once', async () => {
    const { data } = await queryEntities('__typename ... on Conference { name: friendlyName } ... on Call { status }', [
      conference,
      callReference,
      { ...conference, sid: part1 },
      { ...conference, sid: unknownSid('CF') },
      callReference,
      conference,
    ])
    const foundConference = { __typename: 'Conference', name: 'Participants 5' }
    const foundCall = { __typename: 'Call', status: 'IN_PROGRESS' }
    expect(data._entities).toEqual([
      foundConference,
      foundCall,
      { __typename: 'Conference', name: 'Participants 1' },
      null,
      foundCall,
      foundConference,
    ])
    expect(gateway.takeUpstreamRequests().toSorted()).toEqual(
      [
        `GET Accounts/${part}/Conferences/${part5}`,
        `GET Accounts/${part}/Conferences/${part1}`,
        `GET Accounts/${part}/Conferences/${unknownSid('CF')}`,
        `GET Accounts/${part}/Calls/${call}`,
      ].toSorted(),
    )
  })

  it('_entities reads the participants of a conference once for several references', async () => {
    const calls = ['part5/run000', 'part5/run001', 'part5/run002'].map(callOf)
    const { data } = await queryEntities(
      '... on Participant { callSid conference { friendlyName } }',
      calls.map(callSid => ({ ...participant, callSid })),
    )
    expect(data._entities).toEqual(calls.map(callSid => ({ callSid, conference: { friendlyName: 'Participants 5' } })))
    expect(gateway.takeUpstreamRequests()).toEqual([
      `GET Accounts/${part}/Conferences/${part5}`,
      `GET Accounts/${part}/Conferences/${part5}/Participants`,
    ])
  })

  it('_entities reports a failed reference at its path and returns the remaining entities', async () => {
    gateway.sandbox.intercept(({ path }) => (path.includes(part5) ? { status: 503 } : undefined))
    const { data, errors } = await queryEntities('... on Conference { name: friendlyName }', [
      { ...conference, sid: part1 },
      conference,
      { ...conference, sid: part1 },
    ])
    expect(data._entities).toEqual([{ name: 'Participants 1' }, null, { name: 'Participants 1' }])
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    expect(errors).toHaveLength(1)
  })

  it.each([
    ['an unknown type', { __typename: 'Customer', id: '1' }],
    ['a type that is not an entity', { __typename: 'PageInfo' }],
    ['the interface Node with a malformed id', { __typename: 'Node', id: 'garbage' }],
    ['the interface Node without an id', { __typename: 'Node', accountSid: part, sid: part5 }],
    ['a property name of every JavaScript object', { __typename: 'toString' }],
    ['a missing type', { accountSid: part, sid: part5 }],
    ['a string', 'Conference'],
    ['a conference without a key', { __typename: 'Conference' }],
    ['a conference with an incomplete key', { __typename: 'Conference', sid: part5 }],
    ['a conference with a malformed SID', { ...conference, sid: `${part5}/../x` }],
    ['a conference with a SID that is not a string', { ...conference, sid: { toString: part5 } }],
    ['an account with a malformed SID', { ...account, sid: 'AC1' }],
    ['a call with the SID of a conference', { ...callReference, sid: part5 }],
    ['a participant with an incomplete key', { __typename: 'Participant', accountSid: part, callSid: call }],
    ['a conference with a malformed id', { __typename: 'Conference', id: 'garbage' }],
    ['a conference with the id of an account', { __typename: 'Conference', id: nodeIdOf('Account', part) }],
    [
      'a recording with an id of too few parts',
      { __typename: 'Recording', id: nodeIdOf('Recording', part, unknownSid('RE')) },
    ],
  ])('_entities rejects a reference to %s at its path without an upstream request', async (_title, reference) => {
    const { data, errors } = await queryEntities('... on Conference { friendlyName } ... on Account { sid }', [
      account,
      reference,
    ])
    expect(data._entities).toEqual([{ sid: part }, null])
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('_entities without credentials is UNAUTHENTICATED if a field must be read from Restcomm', async () => {
    const { data, errors } = await queryEntities('... on Conference { friendlyName }', [conference], { as: null })
    expect(data).toEqual({ _entities: [null] })
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'UNAUTHENTICATED' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('Conference.account', () => {
  it('Conference.account returns the key fields of the account without reading the account', async () => {
    const { data } = await gateway.query('{ conferences(first: 1) { nodes { account { id sid } } } }', { as: 'part' })
    expect(data.conferences.nodes).toEqual([{ account: { id: nodeIdOf('Account', part), sid: part } }])
    expect(gateway.takeUpstreamRequests()).toHaveLength(1)
  })
})
