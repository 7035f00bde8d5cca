import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

let gateway: TestGateway
const accounts = new Map<number, { user: string; password: string; sids: string[] }>()
const account = (length: number) => {
  const found = accounts.get(length)
  if (found === undefined) throw new Error(`There is no account with ${length} conferences.`)
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

const look = async (length: number, ids: readonly string[]) => {
  const { data, errors } = await gateway.query(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Conference { sid friendlyName } } }',
    { as: account(length), variables: { ids } },
  )
  return { sids: data.nodes.map((node: { sid: string } | null) => node?.sid ?? null), errors }
}

describe('references to conferences of one account', () => {
  it.each([
    // The first look at an account learns how long its list is; those after it know.
    { count: 3, length: 50, first: 3, again: 3 },
    { count: 3, length: 5_000, first: 3, again: 3 },
    { count: 30, length: 50, first: 2, again: 1 },
    { count: 30, length: 500, first: 1, again: 1 },
    { count: 100, length: 500, first: 1, again: 1 },
    { count: 100, length: 5_000, first: 101, again: 100 },
  ])('$count of $length cost $first upstream requests, then $again', async ({ count, length, first, again }) => {
    const { user, sids } = account(length)
    const wanted = sids.slice(0, count)
    for (const requests of [first, again]) {
      gateway.sandbox.clearRequests()
      expect(
        await look(
          length,
          wanted.map(sid => idOf('Conference', user, sid)),
        ),
      ).toEqual({ sids: wanted, errors: undefined })
      // Where the account was looked at by a test before, its length is known already.
      expect(gateway.sandbox.requests.length).toBeLessThanOrEqual(length === 500 ? Math.max(2, requests) : requests)
    }
  })

  it('that the list does not have are looked up each, and are null', async () => {
    const { user, sids } = account(500)
    const missing = `CF${'0'.repeat(32)}`
    const wanted = [...sids.slice(0, 40), missing]
    const { sids: found, errors } = await look(
      500,
      wanted.map(sid => idOf('Conference', user, sid)),
    )
    expect(errors).toBeUndefined()
    expect(found).toEqual([...sids.slice(0, 40), null])
  })

  it('fail alone, also where a list was read for the others', async () => {
    const { user, sids } = account(500)
    const bad = `CF${'9'.repeat(32)}`
    gateway.sandbox.intercept(({ path }) => (path.endsWith(bad) ? { status: 503 } : undefined))
    const wanted = [...sids.slice(0, 40), bad]
    const { sids: found, errors } = await look(
      500,
      wanted.map(sid => idOf('Conference', user, sid)),
    )
    gateway.sandbox.intercept(null)
    expect(found).toEqual([...sids.slice(0, 40), null])
    expect(errors).toMatchObject([{ path: ['nodes', 40], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  })

  it('are looked up each where the list fails', async () => {
    const { user, sids } = account(500)
    gateway.sandbox.intercept(({ path }) => (path.includes('PageSize') ? { status: 503 } : undefined))
    const wanted = sids.slice(0, 20)
    const { sids: found, errors } = await look(
      500,
      wanted.map(sid => idOf('Conference', user, sid)),
    )
    gateway.sandbox.intercept(null)
    expect(errors).toBeUndefined()
    expect(found).toEqual(wanted)
  })

  it('of two accounts are planned apart', async () => {
    const { user, sids } = account(50)
    const other = accountOf('conf1').sid
    const ids = [
      ...sids.slice(0, 20).map(sid => idOf('Conference', user, sid)),
      idOf('Conference', other, conferenceOf('conf1/000')),
    ]
    const { sids: found, errors } = await look(50, ids)
    expect(found).toEqual([...sids.slice(0, 20), null])
    expect(errors).toMatchObject([{ path: ['nodes', 20], extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('the calls of participants', () => {
  const part = accountOf('part').sid

  it.each([
    { label: 'part1', requests: [`GET Accounts/${part}/Calls/`] },
    { label: 'part5', requests: [`GET Accounts/${part}/Calls?ConferenceSid=`] },
    { label: 'part120', requests: [`GET Accounts/${part}/Calls?ConferenceSid=`] },
  ])('of $label cost one request', async ({ label, requests }) => {
    const { data, errors } = await gateway.query(
      `{ conference(sid: "${conferenceOf(label)}") { participants(first: 500) { nodes { callSid call { sid from status } } } } }`,
      { as: 'part' },
    )
    expect(errors).toBeUndefined()
    const { nodes } = data.conference.participants
    expect(nodes).toHaveLength(Number(label.slice(4)))
    for (const { callSid, call } of nodes) expect(call).toMatchObject({ sid: callSid, status: 'IN_PROGRESS' })
    const asked = gateway.asked().filter(request => request.includes('/Calls'))
    expect(asked).toEqual(requests.map(request => expect.stringContaining(request)))
  })

  it('of ten rooms cost a request a room', async () => {
    await gateway.query('{ conferences { nodes { participants(first: 500) { nodes { call { from } } } } } }', {
      as: 'part',
    })
    expect(gateway.asked().filter(request => request.includes('/Calls')).length).toBe(9)
  })

  it('one of which belongs to another account is refused alone', async () => {
    const room = conferenceOf('mixroom')
    const foreign = gateway.sandbox.rows.addCall({ account_sid: accountOf('conf1').sid, conference_sid: room })
    const { data, errors } = await gateway.query(
      `{ conference(sid: "${room}", accountSid: "${gateway.sandbox.rows.conference(room)?.account_sid}") {
        participants(first: 500) { nodes { callSid call { sid } } }
      } }`,
      { as: 'mix' },
    )
    const { nodes } = data.conference.participants
    expect(nodes.find((node: { callSid: string }) => node.callSid === foreign.sid)).toEqual({
      callSid: foreign.sid,
      call: null,
    })
    expect(nodes.filter((node: { call: object | null }) => node.call !== null).length).toBe(nodes.length - 1)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    gateway.sandbox.rows.removeCall(foreign.sid)
  })
})
