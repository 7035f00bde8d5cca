import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const { sid: part } = accountOf('part')
const part5 = conferenceOf('part5')

describe('lookups by SID', () => {
  it('a conference in twenty aliases of one operation is one upstream request', async () => {
    const aliases = Array.from({ length: 20 }, (_, i) => `a${i}: conference(sid: "${part5}") { friendlyName }`)
    const { data } = await gateway.query(`{ ${aliases.join('\n')} }`, { as: 'part' })
    expect(Object.values(data)).toEqual(Array.from({ length: 20 }, () => ({ friendlyName: 'Participants 5' })))
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('a conference read by a list is not looked up again', async () => {
    const { data } = await gateway.query(
      '{ conferences(first: 50) { nodes { sid participants(first: 1) { nodes { conference { sid account { friendlyName } } } } } } }',
      { as: 'part' },
    )
    expect(data.conferences.nodes).toHaveLength(10)
    expect(gateway.takeUpstreamRequests().toSorted()).toEqual(
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

  it('a failed lookup is null with one error, and other lookups succeed', async () => {
    gateway.sandbox.intercept(({ path }) => (path.includes(part5) ? { status: 503 } : undefined))
    const { data, errors } = await gateway.query(
      `{ bad: conference(sid: "${part5}") { sid } good: conference(sid: "${conferenceOf('part1')}") { sid } }`,
      { as: 'part' },
    )
    gateway.sandbox.intercept(null)
    expect(data).toEqual({ bad: null, good: { sid: conferenceOf('part1') } })
    expect(errors).toMatchObject([{ path: ['bad'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  })

  it('an unknown SID or node ID is null, without an error', async () => {
    const unknown = (prefix: string) => `${prefix}${'0'.repeat(32)}`
    const { data, errors } = await gateway.query(
      `{
        conference(sid: "${unknown('CF')}") { sid }
        account(sid: "${unknown('AC')}") { sid }
        elsewhere: conference(sid: "${part5}", accountSid: "${unknown('AC')}") { sid }
        node(id: "${nodeIdOf('Call', part, unknown('CA'))}") { id }
        recording: node(id: "${nodeIdOf('Recording', part, callOf('part5/run000'), unknown('RE'))}") { id }
        nowhere: node(id: "${nodeIdOf('Recording', unknown('AC'), callOf('part5/run000'), unknown('RE'))}") { id }
      }`,
      { as: 'part' },
    )
    expect(errors).toBeUndefined()
    const allNull = { conference: null, account: null, elsewhere: null, node: null, recording: null, nowhere: null }
    expect(data).toEqual(allNull)
  })
})

describe('node', () => {
  it('node IDs of a response find the same objects again', async () => {
    gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: callOf('part5/run000'), duration: 1 })
    const response = await gateway.query(
      `{ viewer { id } conference(sid: "${part5}") {
        id participants { nodes { id callSid call { id sid recordings { id } } } }
      } }`,
      { as: 'part' },
    )
    const { conference, viewer } = response.data
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

  it("a recording of a different account's call is null in node and _entities, even with the own account in the ID", async () => {
    const { sid: own } = accountOf('calls')
    const call = callOf('part5/run000')
    const { sid } = gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: call })
    const id = nodeIdOf('Recording', own, call, sid)
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
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${own}/Calls/${call}/Recordings`])
  })

  it('a participant in a different conference, or no longer in the conference, is null in node', async () => {
    const running = callOf('part5/run000')
    const { data, errors } = await gateway.query(
      `{
        elsewhere: node(id: "${nodeIdOf('Participant', part, conferenceOf('part1'), running)}") { id }
        left: node(id: "${nodeIdOf('Participant', part, part5, callOf('part5/done0'))}") { id }
        conference(sid: "${conferenceOf('part1')}") { participant(callSid: "${running}") { id } }
      }`,
      { as: 'part' },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ elsewhere: null, left: null, conference: { participant: null } })
  })

  it.each([
    ['in no known format', 'garbage'],
    ['of an unknown type', nodeIdOf('Room', part)],
    ['with a malformed SID', nodeIdOf('Conference', part, 'CF-1')],
    ['with too few parts', nodeIdOf('Conference', part)],
    ['with a path traversal', nodeIdOf('Conference', part, 'CF1/../../Accounts')],
  ])('a node ID %s is BAD_USER_INPUT, without an upstream request', async (_label, id) => {
    const { data, errors } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', { variables: { id } })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('nodes', () => {
  it('nodes keeps the order of the IDs, with null for unknown IDs and an error for invalid IDs', async () => {
    const first = nodeIdOf('Conference', part, conferenceOf('part1'))
    const unknown = nodeIdOf('Conference', part, `CF${'0'.repeat(32)}`)
    const last = nodeIdOf('Conference', part, part5)
    const { data, errors } = await gateway.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      as: 'part',
      variables: { ids: [first, unknown, 'garbage', last, first] },
    })
    expect(data.nodes).toEqual([{ id: first }, null, null, { id: last }, { id: first }])
    expect(errors).toMatchObject([{ path: ['nodes', 2], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toHaveLength(3)
  })

  it('nodes accepts 1,000 IDs, and more are TOO_MANY_IDS without an upstream request', async () => {
    const ids = Array.from({ length: 1_000 }, () => nodeIdOf('Account', part))
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
    const { data } = await gateway.query(query, { as: 'part', variables: { ids } })
    expect(data.nodes).toEqual(ids.map(id => ({ id })))
    gateway.takeUpstreamRequests()
    const { errors } = await gateway.query(query, { as: 'part', variables: { ids: [...ids, ids[0]] } })
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_MANY_IDS' }, message: expect.stringContaining('1000') }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('participants', () => {
  it('the participants in 50 aliases of a conference are sorted once', async () => {
    const parse = vi.spyOn(Date, 'parse')
    onTestFinished(() => parse.mockRestore())
    const countParsedDates = async (count: number) => {
      parse.mockClear()
      const aliases = Array.from({ length: count }, (_, i) => `a${i}: participants(first: 1) { nodes { id } }`)
      const query = `{ conference(sid: "${conferenceOf('part120')}") { ${aliases.join(' ')} } }`
      expect((await gateway.query(query, { as: 'part' })).errors).toBeUndefined()
      return parse.mock.calls.length
    }
    const forOneAlias = await countParsedDates(1)
    expect(forOneAlias).toBeGreaterThan(100)
    expect(await countParsedDates(50)).toBeLessThan(2 * forOneAlias)
  })

  it('the participants of an ended conference need no upstream request', async () => {
    const ended = conferenceOf('part0')
    const { data } = await gateway.query(`{ conference(sid: "${ended}") { participants { totalCount } } }`, {
      as: 'part',
    })
    expect(data.conference.participants.totalCount).toBe(0)
    expect(gateway.takeUpstreamRequests().filter(path => path.includes('Participants'))).toEqual([])
  })

  it('a participant of a forbidden conference is FORBIDDEN, although Restcomm would return the participant', async () => {
    const id = nodeIdOf('Participant', part, part5, callOf('part5/run000'))
    const { data, errors } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', {
      as: 'conf1',
      variables: { id },
    })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('a participant ID with a different account than the conference is null, without reading participants', async () => {
    const { sid } = accountOf('conf1')
    const id = nodeIdOf('Participant', sid, part5, callOf('part5/run000'))
    const { data } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', {
      as: 'conf1',
      variables: { id },
    })
    expect(data).toEqual({ node: null })
    expect(gateway.takeUpstreamRequests().filter(request => request.includes('Participants'))).toEqual([])
  })

  it('the participants of a conference are read once for all pages, filters and aliases', async () => {
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
    expect(gateway.takeUpstreamRequests()).toHaveLength(2)
  })
})
