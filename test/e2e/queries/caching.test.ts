import { afterEach, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

const gateways: TestGateway[] = []
const begin = async (env: Record<string, string> = {}, options: TestGatewayOptions = {}) => {
  const gateway = await startGateway({ env, ...options })
  gateways.push(gateway)
  return gateway
}
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close()
})

const account = accountOf('part').sid
const ask = (gateway: TestGateway, query: string, as = 'part') => gateway.query(query, { as })
const addConference = ({ sandbox }: TestGateway, status: string, callers = 0) => {
  const { sid } = sandbox.rows.addConference({ account_sid: account, status })
  const calls = Array.from({ length: callers }, () =>
    sandbox.rows.addCall({ account_sid: account, conference_sid: sid }),
  )
  return { sid, query: `{ conference(sid: "${sid}") { sid status } }`, calls: calls.map(call => call.sid) }
}

describe('a conference that is over', () => {
  it('is asked for once with the same credentials', async () => {
    const gateway = await begin()
    const { sid, query } = addConference(gateway, 'COMPLETED')
    for (let i = 0; i < 3; i++)
      expect((await ask(gateway, query)).data.conference).toEqual({ sid, status: 'COMPLETED' })
    expect(gateway.asked()).toEqual([`GET Accounts/${account}/Conferences/${sid}`])
  })

  it('is asked for by others themselves, who may not see it', async () => {
    const gateway = await begin()
    const { sid, query } = addConference(gateway, 'COMPLETED')
    await ask(gateway, query)
    gateway.asked()
    const owned = query.replace(')', `, accountSid: "${account}")`)
    const { data, errors } = await ask(gateway, owned, 'conf1')
    expect(data?.conference ?? null).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.asked()).toContain(`GET Accounts/${account}/Conferences/${sid}`)
  })

  it('is not asked for, nor its participants, after a list has brought it', async () => {
    const gateway = await begin()
    addConference(gateway, 'COMPLETED', 2)
    const { data } = await ask(gateway, '{ conferences(first: 500) { nodes { sid status } } }')
    const over = data.conferences.nodes.filter(({ status }: { status: string }) => /COMPLETED|FAILED/.test(status))
    expect(over.length).toBeGreaterThan(0)
    gateway.asked()
    for (const { sid } of over) {
      const answer = await ask(gateway, `{ conference(sid: "${sid}") { status participants { totalCount } } }`)
      expect(answer.data.conference.participants.totalCount).toBe(0)
    }
    const ids = over.map(({ sid }: { sid: string }) => `"${idOf('Conference', account, sid)}"`).join()
    expect((await ask(gateway, `{ nodes(ids: [${ids}]) { id } }`)).data.nodes).toHaveLength(over.length)
    expect(gateway.asked()).toEqual([])
  })

  it('costs those that are not over nothing: these are still read each time', async () => {
    const gateway = await begin()
    const { sid, query } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT')
    await ask(gateway, query)
    await ask(gateway, query)
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    expect((await ask(gateway, query)).data.conference.status).toBe('COMPLETED')
    expect(gateway.asked()).toHaveLength(3)
    await ask(gateway, query)
    expect(gateway.asked()).toHaveLength(0)
  })

  it('is asked for again once its time is over, and then by what the credentials may see by then', async () => {
    const gateway = await begin({ CACHE_FINAL_TTL_MS: '60' })
    const { query } = addConference(gateway, 'COMPLETED')
    await ask(gateway, query)
    gateway.sandbox.rows.updateAccount(account, { status: 'suspended' })
    await new Promise(resolve => setTimeout(resolve, 80))
    expect((await ask(gateway, query)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('is asked for each time where nothing may be kept', async () => {
    const gateway = await begin({ CACHE_MAX_BYTES: '0' })
    const { query } = addConference(gateway, 'COMPLETED')
    await ask(gateway, query)
    await ask(gateway, query)
    expect(gateway.asked()).toHaveLength(2)
  })
})

describe('a call that is over', () => {
  it('is asked for once, and not at all after a list has brought it', async () => {
    const gateway = await begin()
    const room = addConference(gateway, 'RUNNING_MODERATOR_PRESENT', 2)
    const [gone = '', here = ''] = room.calls
    gateway.sandbox.rows.finishCall(gone)
    await ask(gateway, `{ conference(sid: "${room.sid}") { calls(first: 10) { nodes { sid } } } }`)
    gateway.asked()
    const node = (sid: string) => `{ node(id: "${idOf('Call', account, sid)}") { ... on Call { status } } }`
    expect((await ask(gateway, node(gone))).data.node.status).toBe('COMPLETED')
    expect(gateway.asked()).toEqual([])
    expect((await ask(gateway, node(here))).data.node.status).toBe('IN_PROGRESS')
    expect(gateway.asked()).toEqual([`GET Accounts/${account}/Calls/${here}`])
  })
})

describe('lists', () => {
  const LIST = '{ conferences(first: 20) { totalCount nodes { sid } pageInfo { hasNextPage } } }'

  it('are read each time by default', async () => {
    const gateway = await begin()
    await ask(gateway, LIST)
    const { length } = gateway.asked()
    await ask(gateway, LIST)
    expect(length).toBeGreaterThan(0)
    expect(gateway.asked()).toHaveLength(length)
  })

  it('are kept for a moment where that is wanted, with their totals, for the same credentials alone', async () => {
    const gateway = await begin({ CACHE_LIST_TTL_MS: '60000' })
    const { data } = await ask(gateway, LIST, 'conf137')
    gateway.asked()
    expect((await ask(gateway, LIST, 'conf137')).data).toEqual(data)
    expect(gateway.asked()).toEqual([])
    const others = await ask(gateway, LIST, 'conf50')
    expect(others.data.conferences.totalCount).toBe(50)
    expect(gateway.asked().length).toBeGreaterThan(0)
  })

  it('are read again after their moment', async () => {
    const gateway = await begin({ CACHE_LIST_TTL_MS: '50' })
    await ask(gateway, LIST)
    gateway.asked()
    const { sid } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT')
    await new Promise(resolve => setTimeout(resolve, 70))
    const { data } = await ask(gateway, '{ conferences(first: 500) { nodes { sid } } }')
    expect(data.conferences.nodes).toContainEqual({ sid })
  })

  it('page exactly although they are kept: walked twice, also after rows were added in between', async () => {
    const gateway = await begin({ CACHE_LIST_TTL_MS: '60000' })
    const walk = async () => {
      const seen: string[] = []
      for (let after: string | null = null; ; ) {
        const { data } = await gateway.query(
          'query ($after: String) { conferences(first: 10, after: $after) { nodes { sid } pageInfo { hasNextPage endCursor } } }',
          { as: 'conf101', variables: { after } },
        )
        seen.push(...data.conferences.nodes.map(({ sid }: { sid: string }) => sid))
        if (!data.conferences.pageInfo.hasNextPage) return seen
        after = data.conferences.pageInfo.endCursor
      }
    }
    const before = await walk()
    expect(new Set(before).size).toBe(101)
    gateway.asked()
    expect(await walk()).toEqual(before)
    expect(gateway.asked()).toEqual([])
  })

  it('are forgotten when something is done through the gateway, whose own reads see the present', async () => {
    const gateway = await begin({ CACHE_LIST_TTL_MS: '60000' })
    const { sid, calls } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT', 2)
    const query = `{ conference(sid: "${sid}") { participants { nodes { callSid muted } } } }`
    const muted = async () =>
      (await ask(gateway, query)).data.conference.participants.nodes
        .filter((participant: { muted: boolean }) => participant.muted)
        .map(({ callSid }: { callSid: string }) => callSid)
    expect(await muted()).toEqual([])
    const id = idOf('Participant', account, sid, calls[0] ?? '')
    const mutation = `mutation { muteParticipant(input: { participantId: "${id}" }) { participant { muted } userErrors { message } } }`
    expect((await ask(gateway, mutation)).data.muteParticipant).toEqual({
      participant: { muted: true },
      userErrors: [],
    })
    expect(await muted()).toEqual([calls[0]])
    gateway.asked()
    expect(await muted()).toEqual([calls[0]])
    expect(gateway.asked().filter(path => path.endsWith('/Participants'))).toEqual([])
  })
})
