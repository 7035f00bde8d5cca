import { afterEach, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const gateways: TestGateway[] = []
const start = async (env: Record<string, string> = {}, options: TestGatewayOptions = {}) => {
  const gateway = await startGateway({ env, ...options })
  gateways.push(gateway)
  return gateway
}
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close()
})

const account = accountOf('part').sid
const runQuery = (gateway: TestGateway, query: string, as = 'part') => gateway.query(query, { as })
const addConference = ({ sandbox }: TestGateway, status: string, callers = 0) => {
  const { sid } = sandbox.rows.addConference({ account_sid: account, status })
  const calls = Array.from({ length: callers }, () =>
    sandbox.rows.addCall({ account_sid: account, conference_sid: sid }),
  )
  return { sid, query: `{ conference(sid: "${sid}") { sid status } }`, calls: calls.map(call => call.sid) }
}

describe('the cache of ended conferences', () => {
  it('an ended conference is read once for the same credentials', async () => {
    const gateway = await start()
    const { sid, query } = addConference(gateway, 'COMPLETED')
    for (let i = 0; i < 3; i++)
      expect((await runQuery(gateway, query)).data.conference).toEqual({ sid, status: 'COMPLETED' })
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${account}/Conferences/${sid}`])
  })

  it('a cached conference is requested again for different credentials, and FORBIDDEN if Restcomm rejects them', async () => {
    const gateway = await start()
    const { sid, query } = addConference(gateway, 'COMPLETED')
    await runQuery(gateway, query)
    gateway.takeUpstreamRequests()
    const queryWithAccount = query.replace(')', `, accountSid: "${account}")`)
    const { data, errors } = await runQuery(gateway, queryWithAccount, 'conf1')
    expect(data?.conference ?? null).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(gateway.takeUpstreamRequests()).toContain(`GET Accounts/${account}/Conferences/${sid}`)
  })

  it('an ended conference read by a list is cached, and its participants need no upstream request', async () => {
    const gateway = await start()
    addConference(gateway, 'COMPLETED', 2)
    const { data } = await runQuery(gateway, '{ conferences(first: 500) { nodes { sid status } } }')
    const ended = data.conferences.nodes.filter(({ status }: { status: string }) => /COMPLETED|FAILED/.test(status))
    expect(ended.length).toBeGreaterThan(0)
    gateway.takeUpstreamRequests()
    for (const { sid } of ended) {
      const { data } = await runQuery(gateway, `{ conference(sid: "${sid}") { status participants { totalCount } } }`)
      expect(data.conference.participants.totalCount).toBe(0)
    }
    const ids = ended.map(({ sid }: { sid: string }) => `"${nodeIdOf('Conference', account, sid)}"`).join()
    expect((await runQuery(gateway, `{ nodes(ids: [${ids}]) { id } }`)).data.nodes).toHaveLength(ended.length)
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('a running conference is read by every query and cached only after its end', async () => {
    const gateway = await start()
    const { sid, query } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT')
    await runQuery(gateway, query)
    await runQuery(gateway, query)
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    expect((await runQuery(gateway, query)).data.conference.status).toBe('COMPLETED')
    expect(gateway.takeUpstreamRequests()).toHaveLength(3)
    await runQuery(gateway, query)
    expect(gateway.takeUpstreamRequests()).toHaveLength(0)
  })

  it('a cached conference expires after `cache.immutableTtlMs` and is then FORBIDDEN for a suspended account', async () => {
    const gateway = await start({}, { config: { cache: { immutableTtlMs: 60 } } })
    const { query } = addConference(gateway, 'COMPLETED')
    await runQuery(gateway, query)
    gateway.sandbox.rows.updateAccount(account, { status: 'suspended' })
    await waitUntil(async () => (await runQuery(gateway, query)).errors !== undefined, 'the cached conference expires')
    expect((await runQuery(gateway, query)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('an ended conference is read by every query if CACHE_MAX_BYTES is 0', async () => {
    const gateway = await start({ CACHE_MAX_BYTES: '0' })
    const { query } = addConference(gateway, 'COMPLETED')
    await runQuery(gateway, query)
    await runQuery(gateway, query)
    expect(gateway.takeUpstreamRequests()).toHaveLength(2)
  })
})

describe('the cache of ended calls', () => {
  it('an ended call read by a list is cached, a call in progress is read again', async () => {
    const gateway = await start()
    const conference = addConference(gateway, 'RUNNING_MODERATOR_PRESENT', 2)
    const [ended = '', running = ''] = conference.calls
    gateway.sandbox.rows.finishCall(ended)
    await runQuery(gateway, `{ conference(sid: "${conference.sid}") { calls(first: 10) { nodes { sid } } } }`)
    gateway.takeUpstreamRequests()
    const node = (sid: string) => `{ node(id: "${nodeIdOf('Call', account, sid)}") { ... on Call { status } } }`
    expect((await runQuery(gateway, node(ended))).data.node.status).toBe('COMPLETED')
    expect(gateway.takeUpstreamRequests()).toEqual([])
    expect((await runQuery(gateway, node(running))).data.node.status).toBe('IN_PROGRESS')
    expect(gateway.takeUpstreamRequests()).toEqual([`GET Accounts/${account}/Calls/${running}`])
  })
})

describe('the cache of lists', () => {
  const LIST = '{ conferences(first: 20) { totalCount nodes { sid } pageInfo { hasNextPage } } }'

  it('lists are read by every query by default', async () => {
    const gateway = await start()
    await runQuery(gateway, LIST)
    const { length } = gateway.takeUpstreamRequests()
    await runQuery(gateway, LIST)
    expect(length).toBeGreaterThan(0)
    expect(gateway.takeUpstreamRequests()).toHaveLength(length)
  })

  it('CACHE_LIST_TTL_MS caches lists and totals for the same credentials only', async () => {
    const gateway = await start({ CACHE_LIST_TTL_MS: '60000' })
    const { data } = await runQuery(gateway, LIST, 'conf137')
    gateway.takeUpstreamRequests()
    expect((await runQuery(gateway, LIST, 'conf137')).data).toEqual(data)
    expect(gateway.takeUpstreamRequests()).toEqual([])
    const otherList = await runQuery(gateway, LIST, 'conf50')
    expect(otherList.data.conferences.totalCount).toBe(50)
    expect(gateway.takeUpstreamRequests().length).toBeGreaterThan(0)
  })

  it('a cached list expires after CACHE_LIST_TTL_MS', async () => {
    const gateway = await start({ CACHE_LIST_TTL_MS: '50' })
    const { data: before } = await runQuery(gateway, LIST)
    gateway.takeUpstreamRequests()
    const { sid } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT')
    await waitUntil(async () => {
      const { data } = await runQuery(gateway, LIST)
      return data.conferences.totalCount === before.conferences.totalCount + 1
    }, 'the cached list expires')
    const { data } = await runQuery(gateway, '{ conferences(first: 500) { nodes { sid } } }')
    expect(data.conferences.nodes).toContainEqual({ sid })
  })

  it('paging twice through a cached list returns the same conferences, without further upstream requests', async () => {
    const gateway = await start({ CACHE_LIST_TTL_MS: '60000' })
    const readAllPages = async () => {
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
    const before = await readAllPages()
    expect(new Set(before).size).toBe(101)
    gateway.takeUpstreamRequests()
    expect(await readAllPages()).toEqual(before)
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('a mutation invalidates cached lists and returns the new state', async () => {
    const gateway = await start({ CACHE_LIST_TTL_MS: '60000' })
    const { sid, calls } = addConference(gateway, 'RUNNING_MODERATOR_PRESENT', 2)
    const query = `{ conference(sid: "${sid}") { participants { nodes { callSid muted } } } }`
    const mutedCalls = async () =>
      (await runQuery(gateway, query)).data.conference.participants.nodes
        .filter((participant: { muted: boolean }) => participant.muted)
        .map(({ callSid }: { callSid: string }) => callSid)
    expect(await mutedCalls()).toEqual([])
    const id = nodeIdOf('Participant', account, sid, calls[0] ?? '')
    const mutation = `mutation { muteParticipant(input: { participantId: "${id}" }) { participant { muted } userErrors { message } } }`
    expect((await runQuery(gateway, mutation)).data.muteParticipant).toEqual({
      participant: { muted: true },
      userErrors: [],
    })
    expect(await mutedCalls()).toEqual([calls[0]])
    gateway.takeUpstreamRequests()
    expect(await mutedCalls()).toEqual([calls[0]])
    expect(gateway.takeUpstreamRequests().filter(path => path.endsWith('/Participants'))).toEqual([])
  })
})
