import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

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
const nobody = (prefix: string) => `${prefix}${'0'.repeat(32)}`

const entities = (selection: string, representations: readonly unknown[], ask: Ask = {}) =>
  gateway.query(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`,
    {
      as: 'part',
      ...ask,
      variables: { representations },
    },
  )

const account = { __typename: 'Account', sid: part }
const conference = { __typename: 'Conference', accountSid: part, sid: part5 }
const participant = { __typename: 'Participant', accountSid: part, conferenceSid: part5, callSid: call }
const aCall = { __typename: 'Call', accountSid: part, sid: call }

describe('a reference', () => {
  it.each([
    ['Account by id', { __typename: 'Account', id: idOf('Account', part) }, 'friendlyName sid', [`Accounts/${part}`]],
    ['Account by sid', account, 'friendlyName sid', [`Accounts/${part}`]],
    [
      'Conference by id',
      { __typename: 'Conference', id: idOf('Conference', part, part5) },
      'friendlyName sid',
      [`Accounts/${part}/Conferences/${part5}`],
    ],
    ['Conference by accountSid sid', conference, 'friendlyName sid', [`Accounts/${part}/Conferences/${part5}`]],
    [
      'Participant by id',
      { __typename: 'Participant', id: idOf('Participant', part, part5, call) },
      'muted sid: callSid',
      // The conference, since Restcomm would show its participants to anybody; then these.
      [`Accounts/${part}/Conferences/${part5}`, `Accounts/${part}/Conferences/${part5}/Participants`],
    ],
    [
      'Participant by accountSid conferenceSid callSid',
      participant,
      'muted sid: callSid',
      [`Accounts/${part}/Conferences/${part5}`, `Accounts/${part}/Conferences/${part5}/Participants`],
    ],
    [
      'Call by id',
      { __typename: 'Call', id: idOf('Call', part, call) },
      'direction sid',
      [`Accounts/${part}/Calls/${call}`],
    ],
    ['Call by accountSid sid', aCall, 'direction sid', [`Accounts/${part}/Calls/${call}`]],
  ])('to a %s finds it', async (_what, reference, fields, cost) => {
    const { __typename } = reference
    const { data, errors } = await entities(`__typename ... on ${__typename} { ${fields} }`, [reference])
    expect(errors).toBeUndefined()
    const sid = { Account: part, Conference: part5, Participant: call, Call: call }[__typename]
    expect(data._entities).toMatchObject([{ __typename, sid }])
    expect(gateway.asked()).toEqual(cost.map(path => `GET ${path}`))
  })

  it('to a Recording by id finds it in the recordings of its call', async () => {
    const { sid } = gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: call, duration: 2 })
    const reference = { __typename: 'Recording', id: idOf('Recording', part, call, sid) }
    const { data } = await entities('... on Recording { sid duration callSid }', [reference])
    expect(data._entities).toEqual([{ sid, duration: 2, callSid: call }])
    expect(gateway.asked()).toEqual([`GET Accounts/${part}/Calls/${call}/Recordings`])
  })

  it('to what does not exist is null, and no object of nulls', async () => {
    const { data, errors } = await entities(
      `... on Conference { friendlyName } ... on Account { friendlyName }
       ... on Call { direction } ... on Participant { callSid } ... on Recording { callSid }`,
      [
        { ...conference, sid: nobody('CF') },
        { ...account, sid: nobody('AC') },
        { ...aCall, sid: nobody('CA') },
        { ...participant, callSid: nobody('CA') },
        { __typename: 'Recording', id: idOf('Recording', part, call, nobody('RE')) },
      ],
    )
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual([null, null, null, null, null])
  })
})

describe('a reference that is asked for what it says', () => {
  it.each([
    [
      'Conference',
      conference,
      'id sid accountSid',
      { id: idOf('Conference', part, part5), sid: part5, accountSid: part },
    ],
    ['Conference', conference, 'account { id sid }', { account: { id: idOf('Account', part), sid: part } }],
    [
      'Conference',
      { __typename: 'Conference', id: idOf('Conference', part, part5) },
      'sid accountSid',
      { sid: part5, accountSid: part },
    ],
    ['Account', account, 'id sid', { id: idOf('Account', part), sid: part }],
    ['Call', aCall, 'id sid accountSid', { id: idOf('Call', part, call), sid: call, accountSid: part }],
  ])('costs nothing upstream: a %s, %j { %s }', async (type, reference, fields, expected) => {
    const { data, errors } = await entities(`__typename ... on ${type} { ${fields} }`, [reference])
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual([{ __typename: type, ...expected }])
    expect(gateway.asked()).toEqual([])
  })

  it('costs nothing beside one of another type that is read', async () => {
    const { data } = await entities('... on Conference { sid } ... on Account { friendlyName }', [conference, account])
    expect(data._entities).toEqual([{ sid: part5 }, { friendlyName: expect.any(String) }])
    expect(gateway.asked()).toEqual([`GET Accounts/${part}`])
  })

  it('says so to anybody, also without credentials: it was the asker who said it', async () => {
    const { data, errors } = await entities('... on Conference { sid }', [conference], { as: null })
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual([{ sid: part5 }])
    expect(gateway.asked()).toEqual([])
  })

  it('is read all the same where it is a participant, whom only some may see', async () => {
    const { data, errors } = await entities('... on Participant { callSid }', [participant], { as: 'conf137' })
    expect(data).toEqual({ _entities: [null] })
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.asked()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })
})

describe('references', () => {
  it('are answered in their order, and those to the same object by one look-up', async () => {
    const { data } = await entities('__typename ... on Conference { name: friendlyName } ... on Call { status }', [
      conference,
      aCall,
      { ...conference, sid: part1 },
      { ...conference, sid: nobody('CF') },
      aCall,
      conference,
    ])
    const five = { __typename: 'Conference', name: 'Participants 5' }
    const live = { __typename: 'Call', status: 'IN_PROGRESS' }
    expect(data._entities).toEqual([five, live, { __typename: 'Conference', name: 'Participants 1' }, null, live, five])
    expect(gateway.asked().toSorted()).toEqual(
      [
        `GET Accounts/${part}/Conferences/${part5}`,
        `GET Accounts/${part}/Conferences/${part1}`,
        `GET Accounts/${part}/Conferences/${nobody('CF')}`,
        `GET Accounts/${part}/Calls/${call}`,
      ].toSorted(),
    )
  })

  it('to participants of one conference share its list', async () => {
    const calls = ['part5/run000', 'part5/run001', 'part5/run002'].map(callOf)
    const { data } = await entities(
      '... on Participant { callSid conference { friendlyName } }',
      calls.map(callSid => ({ ...participant, callSid })),
    )
    expect(data._entities).toEqual(calls.map(callSid => ({ callSid, conference: { friendlyName: 'Participants 5' } })))
    expect(gateway.asked()).toEqual([
      `GET Accounts/${part}/Conferences/${part5}`,
      `GET Accounts/${part}/Conferences/${part5}/Participants`,
    ])
  })

  it('fail each alone, with the path of the one that did', async () => {
    gateway.sandbox.intercept(({ path }) => (path.includes(part5) ? { status: 503 } : undefined))
    const { data, errors } = await entities('... on Conference { name: friendlyName }', [
      { ...conference, sid: part1 },
      conference,
      { ...conference, sid: part1 },
    ])
    expect(data._entities).toEqual([{ name: 'Participants 1' }, null, { name: 'Participants 1' }])
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    expect(errors).toHaveLength(1)
  })

  it.each([
    ['a type that there is not', { __typename: 'Customer', id: '1' }],
    ['a type that is no entity', { __typename: 'PageInfo' }],
    ['an interface', { __typename: 'Node', id: idOf('Conference', part, part5) }],
    ['what every object has', { __typename: 'toString' }],
    ['no type', { accountSid: part, sid: part5 }],
    ['no object', 'Conference'],
    ['a conference without a key', { __typename: 'Conference' }],
    ['a conference with half a key', { __typename: 'Conference', sid: part5 }],
    ['a conference with a malformed SID', { ...conference, sid: `${part5}/../x` }],
    ['a conference whose SID is no text', { ...conference, sid: { toString: part5 } }],
    ['an account with a malformed SID', { ...account, sid: 'AC1' }],
    ['a call by the SID of a conference', { ...aCall, sid: part5 }],
    ['a participant with half a key', { __typename: 'Participant', accountSid: part, callSid: call }],
    ['a conference by an id that is garbage', { __typename: 'Conference', id: 'garbage' }],
    ['a conference by the id of an account', { __typename: 'Conference', id: idOf('Account', part) }],
    ['a recording by an id with too few parts', { __typename: 'Recording', id: idOf('Recording', part, nobody('RE')) }],
  ])('to %s are refused at their own place, and ask nothing upstream', async (_what, reference) => {
    const { data, errors } = await entities('... on Conference { friendlyName } ... on Account { sid }', [
      account,
      reference,
    ])
    expect(data._entities).toEqual([{ sid: part }, null])
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.asked()).toEqual([])
  })

  it('without credentials are UNAUTHENTICATED where something must be read', async () => {
    const { data, errors } = await entities('... on Conference { friendlyName }', [conference], { as: null })
    expect(data).toEqual({ _entities: [null] })
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'UNAUTHENTICATED' } }])
    expect(gateway.asked()).toEqual([])
  })
})

describe('a conference that a list brought', () => {
  it('names its account without reading it', async () => {
    const { data } = await gateway.query('{ conferences(first: 1) { nodes { account { id sid } } } }', { as: 'part' })
    expect(data.conferences.nodes).toEqual([{ account: { id: idOf('Account', part), sid: part } }])
    expect(gateway.asked()).toHaveLength(1)
  })
})
