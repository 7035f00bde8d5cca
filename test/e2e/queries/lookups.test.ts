import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const { sid: part } = accountOf('part')
const part5 = conferenceOf('part5')

describe('a look-up by SID', () => {
  it('named twenty times in one operation is one upstream request', async () => {
    const aliases = Array.from({ length: 20 }, (_, i) => `a${i}: conference(sid: "${part5}") { friendlyName }`)
    const { data } = await gateway.query(`{ ${aliases.join('\n')} }`, { as: 'part' })
    expect(Object.values(data)).toEqual(Array.from({ length: 20 }, () => ({ friendlyName: 'Participants 5' })))
    expect(gateway.asked()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('is not asked for when a list has brought it', async () => {
    const { data } = await gateway.query(
      '{ conferences(first: 50) { nodes { sid participants(first: 1) { nodes { conference { sid account { friendlyName } } } } } } }',
      { as: 'part' },
    )
    expect(data.conferences.nodes).toHaveLength(10)
    expect(gateway.asked().toSorted()).toEqual(
      [
        `GET Accounts/${part}`,
        `GET Accounts/${part}/Conferences?Page=0&PageSize=51`,
        ...gateway.sandbox.rows
          .conferencesOf(part)
          .filter(({ status }) => status !== 'COMPLETED')
          .map(({ sid }) => `GET Accounts/${part}/Conferences/${sid}/Participants`),
      ].toSorted(),
    )
  })

  it('that fails fails alone', async () => {
    gateway.sandbox.intercept(({ path }) => (path.includes(part5) ? { status: 503 } : undefined))
    const { data, errors } = await gateway.query(
      `{ bad: conference(sid: "${part5}") { sid } good: conference(sid: "${conferenceOf('part1')}") { sid } }`,
      { as: 'part' },
    )
    gateway.sandbox.intercept(null)
    expect(data).toEqual({ bad: null, good: { sid: conferenceOf('part1') } })
    expect(errors).toMatchObject([{ path: ['bad'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  })

  it('of an unknown SID is null', async () => {
    const unknown = (prefix: string) => `${prefix}${'0'.repeat(32)}`
    const { data, errors } = await gateway.query(
      `{
        conference(sid: "${unknown('CF')}") { sid }
        account(sid: "${unknown('AC')}") { sid }
        elsewhere: conference(sid: "${part5}", accountSid: "${unknown('AC')}") { sid }
        node(id: "${idOf('Call', part, unknown('CA'))}") { id }
        recording: node(id: "${idOf('Recording', part, callOf('part5/run000'), unknown('RE'))}") { id }
        nowhere: node(id: "${idOf('Recording', unknown('AC'), callOf('part5/run000'), unknown('RE'))}") { id }
      }`,
      { as: 'part' },
    )
    expect(errors).toBeUndefined()
    const nothing = { conference: null, account: null, elsewhere: null, node: null, recording: null, nowhere: null }
    expect(data).toEqual(nothing)
  })
})

describe('node', () => {
  it('finds everything by the id that it was shown with', async () => {
    gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: callOf('part5/run000'), duration: 1 })
    const shown = await gateway.query(
      `{ viewer { id } conference(sid: "${part5}") {
        id participants { nodes { id callSid call { id sid recordings { id } } } }
      } }`,
      { as: 'part' },
    )
    const { conference, viewer } = shown.data
    const participants = conference.participants.nodes
    const recordings = participants.flatMap((p: { call: { recordings: { id: string }[] } }) => p.call.recordings)
    const ids = [
      viewer.id,
      conference.id,
      ...participants.map((p: { id: string }) => p.id),
      ...participants.map((p: { call: { id: string } }) => p.call.id),
      ...recordings.map((r: { id: string }) => r.id),
    ]
    expect(recordings).toHaveLength(1)
    const { data, errors } = await gateway.query('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', {
      as: 'part',
      variables: { ids },
    })
    expect(errors).toBeUndefined()
    expect(data.nodes.map((node: { id: string }) => node.id)).toEqual(ids)
    expect(new Set(data.nodes.map((node: { __typename: string }) => node.__typename))).toEqual(
      new Set(['Account', 'Conference', 'Participant', 'Call', 'Recording']),
    )
  })

  it("is null for a recording of another account's call, whatever account its id names", async () => {
    const { sid: own } = accountOf('calls')
    const call = callOf('part5/run000')
    const { sid } = gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: call })
    const id = idOf('Recording', own, call, sid)
    const query = `query ($of: [_Any!]!, $id: ID!) {
      node(id: $id) { id }
      _entities(representations: $of) { ... on Recording { id } ... on Call { recordings { id } } }
    }`
    const { data, errors } = await gateway.query(query, {
      as: 'calls',
      variables: { id, of: [{ __typename: 'Recording', id }] },
    })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ node: null, _entities: [null] })
    expect(gateway.asked()).toEqual([`GET Accounts/${own}/Calls/${call}/Recordings`])
  })

  it('is null for a participant who is in another conference, or has left', async () => {
    const running = callOf('part5/run000')
    const { data, errors } = await gateway.query(
      `{
        elsewhere: node(id: "${idOf('Participant', part, conferenceOf('part1'), running)}") { id }
        left: node(id: "${idOf('Participant', part, part5, callOf('part5/done0'))}") { id }
        conference(sid: "${conferenceOf('part1')}") { participant(callSid: "${running}") { id } }
      }`,
      { as: 'part' },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ elsewhere: null, left: null, conference: { participant: null } })
  })

  it.each([
    ['garbage', 'garbage'],
    ['of an unknown type', idOf('Room', part)],
    ['with a malformed SID', idOf('Conference', part, 'CF-1')],
    ['with too few parts', idOf('Conference', part)],
    ['that hides a path', idOf('Conference', part, 'CF1/../../Accounts')],
  ])('refuses an id that is %s, and asks nothing upstream', async (_what, id) => {
    const { data, errors } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', { variables: { id } })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.asked()).toEqual([])
  })
})

describe('nodes', () => {
  it('keeps the order, null for a miss, and an error of one id at its place alone', async () => {
    const first = idOf('Conference', part, conferenceOf('part1'))
    const miss = idOf('Conference', part, `CF${'0'.repeat(32)}`)
    const last = idOf('Conference', part, part5)
    const { data, errors } = await gateway.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      as: 'part',
      variables: { ids: [first, miss, 'garbage', last, first] },
    })
    expect(data.nodes).toEqual([{ id: first }, null, null, { id: last }, { id: first }])
    expect(errors).toMatchObject([{ path: ['nodes', 2], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.asked()).toHaveLength(3)
  })

  it('takes at most 100', async () => {
    const ids = Array.from({ length: 101 }, () => idOf('Account', part))
    const { errors } = await gateway.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { variables: { ids } })
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_MANY_IDS' }, message: expect.stringContaining('100') }])
    expect(gateway.asked()).toEqual([])
  })
})

describe('participants', () => {
  it('are not asked for when the conference is over', async () => {
    const over = conferenceOf('part0')
    const { data } = await gateway.query(`{ conference(sid: "${over}") { participants { totalCount } } }`, {
      as: 'part',
    })
    expect(data.conference.participants.totalCount).toBe(0)
    expect(gateway.asked().filter(path => path.includes('Participants'))).toEqual([])
  })

  it('of a conference that the caller may not read are refused, though Restcomm would show them', async () => {
    const id = idOf('Participant', part, part5, callOf('part5/run000'))
    const { data, errors } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', {
      as: 'conf1',
      variables: { id },
    })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.asked()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('are not found under an account that the conference is not of', async () => {
    const { sid } = accountOf('conf1')
    const id = idOf('Participant', sid, part5, callOf('part5/run000'))
    const { data } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', {
      as: 'conf1',
      variables: { id },
    })
    expect(data).toEqual({ node: null })
    expect(gateway.asked().filter(request => request.includes('Participants'))).toEqual([])
  })

  it('cost one request, however often and in whatever pages they are asked for', async () => {
    const { data } = await gateway.query(
      `{ conference(sid: "${conferenceOf('part120')}") {
        a: participants(first: 5) { nodes { callSid } pageInfo { hasNextPage } }
        b: participants(last: 5) { totalCount nodes { callSid } }
        muted: participants(filter: { muted: true }) { totalCount }
        participant(callSid: "${callOf('part120/run007')}") { callSid }
      } }`,
      { as: 'part' },
    )
    expect(data.conference).toMatchObject({ a: { pageInfo: { hasNextPage: true } }, b: { totalCount: 120 } })
    expect(data.conference.participant.callSid).toBe(callOf('part120/run007'))
    expect(gateway.asked()).toHaveLength(2)
  })
})
