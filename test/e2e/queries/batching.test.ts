import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
const accounts = new Map<number, { user: string; password: string; sids: string[] }>()
const account = (length: number) => {
  const found = accounts.get(length)
  if (found === undefined) throw new Error(`No account has ${length} conferences.`)
  return found
}

beforeAll(async () => {
  gateway = await startGateway()
  for (const length of [50, 500, 5_000]) {
    const { sid } = gateway.sandbox.rows.addAccount({ auth_token: 'token', email_address: `${length}@example.com` })
    const sids = Array.from({ length }, () => gateway.sandbox.rows.addConference({ account_sid: sid }).sid)
    accounts.set(length, { user: sid, password: 'token', sids })
  }
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const queryNodes = async (length: number, ids: readonly string[]) => {
  const { data, errors } = await gateway.query(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Conference { sid friendlyName } } }',
    { as: account(length), variables: { ids } },
  )
  return { sids: data.nodes.map((node: { sid: string } | null) => node?.sid ?? null), errors }
}

describe('conferences looked up by node ID', () => {
  it.each([
    // The first lookup in an account may also read the list length.
    { count: 3, length: 50, first: 3, again: 3 },
    { count: 3, length: 5_000, first: 3, again: 3 },
    { count: 30, length: 50, first: 2, again: 1 },
    { count: 30, length: 500, first: 2, again: 1 },
    { count: 100, length: 500, first: 2, again: 1 },
    { count: 100, length: 5_000, first: 101, again: 100 },
  ])(
    '$count of $length conferences looked up by ID cost at most $first upstream requests, then at most $again',
    async ({ count, length, first, again }) => {
      const { user, sids } = account(length)
      const wanted = sids.slice(0, count)
      for (const requests of [first, again]) {
        gateway.sandbox.clearRequests()
        expect(
          await queryNodes(
            length,
            wanted.map(sid => nodeIdOf('Conference', user, sid)),
          ),
        ).toEqual({ sids: wanted, errors: undefined })
        expect(gateway.sandbox.requests.length).toBeLessThanOrEqual(requests)
      }
    },
  )

  it('an unknown conference in a batch of 41 IDs is null', async () => {
    const { user, sids } = account(500)
    const missing = `CF${'0'.repeat(32)}`
    const wanted = [...sids.slice(0, 40), missing]
    const { sids: found, errors } = await queryNodes(
      500,
      wanted.map(sid => nodeIdOf('Conference', user, sid)),
    )
    expect(errors).toBeUndefined()
    expect(found).toEqual([...sids.slice(0, 40), null])
  })

  it('a failed lookup in a batch of 41 IDs is one null with one error', async () => {
    const { user, sids } = account(500)
    const bad = `CF${'9'.repeat(32)}`
    gateway.sandbox.intercept(({ path }) => (path.endsWith(bad) ? { status: 503 } : undefined))
    const wanted = [...sids.slice(0, 40), bad]
    const { sids: found, errors } = await queryNodes(
      500,
      wanted.map(sid => nodeIdOf('Conference', user, sid)),
    )
    gateway.sandbox.intercept(null)
    expect(found).toEqual([...sids.slice(0, 40), null])
    expect(errors).toMatchObject([{ path: ['nodes', 40], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  })

  it('conferences of a batch are looked up singly if the list request fails', async () => {
    const { user, sids } = account(500)
    gateway.sandbox.intercept(({ path }) => (path.includes('PageSize') ? { status: 503 } : undefined))
    const wanted = sids.slice(0, 20)
    const { sids: found, errors } = await queryNodes(
      500,
      wanted.map(sid => nodeIdOf('Conference', user, sid)),
    )
    gateway.sandbox.intercept(null)
    expect(errors).toBeUndefined()
    expect(found).toEqual(wanted)
  })

  it('a batch with a forbidden account is FORBIDDEN at the ID of the account only', async () => {
    const { user, sids } = account(50)
    const other = accountOf('conf1').sid
    const ids = [
      ...sids.slice(0, 20).map(sid => nodeIdOf('Conference', user, sid)),
      nodeIdOf('Conference', other, conferenceOf('conf1/000')),
    ]
    const { sids: found, errors } = await queryNodes(50, ids)
    expect(found).toEqual([...sids.slice(0, 20), null])
    expect(errors).toMatchObject([{ path: ['nodes', 20], extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('participants { call }', () => {
  const part = accountOf('part').sid

  it.each([
    { label: 'part1', requests: [`GET Accounts/${part}/Calls/`] },
    { label: 'part5', requests: [`GET Accounts/${part}/Calls?ConferenceSid=`] },
    { label: 'part120', requests: [`GET Accounts/${part}/Calls?ConferenceSid=`] },
  ])(
    'the calls of all participants of conference $label are read with one upstream request',
    async ({ label, requests }) => {
      const { data, errors } = await gateway.query(
        `{ conference(sid: "${conferenceOf(label)}") { participants(first: 500) { nodes { callSid call { sid from status } } } } }`,
        { as: 'part' },
      )
      expect(errors).toBeUndefined()
      const { nodes } = data.conference.participants
      expect(nodes).toHaveLength(Number(label.slice(4)))
      for (const { callSid, call } of nodes) expect(call).toMatchObject({ sid: callSid, status: 'IN_PROGRESS' })
      const callRequests = gateway.takeUpstreamRequests().filter(request => request.includes('/Calls'))
      expect(callRequests).toEqual(requests.map(request => expect.stringContaining(request)))
    },
  )

  it('the calls of participants are read with one upstream request per conference', async () => {
    await gateway.query('{ conferences { nodes { participants(first: 40) { nodes { call { from } } } } } }', {
      as: 'part',
    })
    expect(gateway.takeUpstreamRequests().filter(request => request.includes('/Calls')).length).toBe(9)
  })

  it('a participant with a call of a different account has a null call and a FORBIDDEN error', async () => {
    const conference = conferenceOf('mixroom')
    const callOfDifferentAccount = gateway.sandbox.rows.addCall({
      account_sid: accountOf('conf1').sid,
      conference_sid: conference,
    })
    const { data, errors } = await gateway.query(
      `{ conference(sid: "${conference}", accountSid: "${gateway.sandbox.rows.conference(conference)?.account_sid}") {
        participants(first: 500) { nodes { callSid call { sid } } }
      } }`,
      { as: 'mix' },
    )
    const { nodes } = data.conference.participants
    expect(nodes.find((node: { callSid: string }) => node.callSid === callOfDifferentAccount.sid)).toEqual({
      callSid: callOfDifferentAccount.sid,
      call: null,
    })
    expect(nodes.filter((node: { call: object | null }) => node.call !== null).length).toBe(nodes.length - 1)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    gateway.sandbox.rows.removeCall(callOfDifferentAccount.sid)
  })
})
