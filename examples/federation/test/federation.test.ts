import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseRows, type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { type GatewayName, type Graph, startGraph } from '../src/graph.ts'
import { type Answer, sendQuery } from '../src/sendQuery.ts'

const fixture = readFileSync(new URL('../../../test/fixtures/rows.json', import.meta.url), 'utf8')
const { labels } = JSON.parse(fixture) as {
  labels: { accounts: Record<string, { sid: string; password: string }>; conferences: Record<string, string> }
}

const accountOf = (label: string) => labels.accounts[label] ?? { sid: '', password: '' }
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const credentialsOf = (label: string) => basic(accountOf(label).sid, accountOf(label).password)

const part = accountOf('part').sid
const part5 = labels.conferences.part5 ?? ''
const part1 = labels.conferences.part1 ?? ''
const conf49 = accountOf('conf49').sid

describe.each<GatewayName>(['hive', 'apollo'])('federation example with the gateway %s', gateway => {
  let sandbox: Sandbox
  let graph: Graph
  let foreignConference: string

  beforeAll(async () => {
    sandbox = await startSandbox({ rows: parseRows(fixture) })
    foreignConference = sandbox.rows.conferencesOf(conf49)[0]?.sid ?? ''
    graph = await startGraph({
      gateway,
      settings: { RESTCOMM_URL: sandbox.url, LOG_LEVEL: 'silent' },
      bookings: async () => [
        { customer: 'Lighthouse Insurance', accountSid: part, sid: part5 },
        { customer: 'Lighthouse Insurance', accountSid: part, sid: part1 },
        { customer: 'Vinyl Weekly', accountSid: conf49, sid: foreignConference },
      ],
    })
  })
  beforeEach(() => sandbox.clearRequests())
  afterAll(async () => {
    await graph?.close()
    await sandbox.close()
  })

  const query = (text: string, as: string | null = 'part'): Promise<Answer> =>
    sendQuery(graph.url, text, as === null ? undefined : credentialsOf(as))
  const upstreamRequests = () =>
    sandbox.requests.map(({ method, path }) => `${method} ${path.replace('/restcomm/2012-04-24/', '')}`).toSorted()
  const codesOf = ({ errors = [] }: Answer) => [...new Set(errors.map(({ extensions }) => extensions?.code))]

  it('resolves the conferences of a customer with one upstream request each', async () => {
    const answer = await query('{ customer(id: "1") { name conferences { sid friendlyName status } } }')
    expect(answer).toEqual({
      data: {
        customer: {
          name: 'Lighthouse Insurance',
          conferences: [
            { sid: part5, friendlyName: 'Participants 5', status: 'RUNNING_MODERATOR_PRESENT' },
            { sid: part1, friendlyName: 'Participants 1', status: 'RUNNING_MODERATOR_PRESENT' },
          ],
        },
      },
    })
    expect(upstreamRequests()).toEqual(
      [`GET Accounts/${part}/Conferences/${part5}`, `GET Accounts/${part}/Conferences/${part1}`].toSorted(),
    )
  })

  it('resolves the customer of a conference without a further upstream request', async () => {
    const { data, errors } = await query(`{ conference(sid: "${part5}") { friendlyName customer { name } } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({ conference: { friendlyName: 'Participants 5', customer: { name: 'Lighthouse Insurance' } } })
    expect(upstreamRequests()).toEqual([`GET Accounts/${part}/Conferences/${part5}`])
  })

  it('resolves the customers of a list of conferences with one upstream request', async () => {
    const { data, errors } = await query('{ conferences(first: 50) { totalCount nodes { sid customer { name } } } }')
    expect(errors).toBeUndefined()
    expect(data.conferences.totalCount).toBe(10)
    const booked = data.conferences.nodes.filter(({ customer }: { customer: unknown }) => customer !== null)
    expect(new Set(booked.map(({ sid }: { sid: string }) => sid))).toEqual(new Set([part5, part1]))
    expect(upstreamRequests()).toEqual([`GET Accounts/${part}/Conferences?Page=0&PageSize=51`])
  })

  it('resolves a conference, its customer, the conferences of the customer and their participants', async () => {
    const { data, errors } = await query(
      `{ conference(sid: "${part1}") { customer { conferences { friendlyName participants { totalCount } } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.conference.customer.conferences).toEqual([
      { friendlyName: 'Participants 5', participants: { totalCount: 5 } },
      { friendlyName: 'Participants 1', participants: { totalCount: 1 } },
    ])
    expect(upstreamRequests()).toHaveLength(5)
  })

  it('resolves key fields of a conference without an upstream request', async () => {
    const { data, errors } = await query(
      '{ customer(id: "1") { conferences { id sid accountSid account { sid } customer { name } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.customer.conferences).toEqual(
      [part5, part1].map(sid => ({
        id: Buffer.from(`Conference:${part}:${sid}`).toString('base64url'),
        sid,
        accountSid: part,
        account: { sid: part },
        customer: { name: 'Lighthouse Insurance' },
      })),
    )
    expect(upstreamRequests()).toEqual([])
  })

  it('returns the conferences of the account, and FORBIDDEN for conferences of a different account', async () => {
    const text = '{ customers { name conferences { friendlyName } } }'
    const [own, others] = await Promise.all([query(text, 'part'), query(text, 'conf49')])
    expect(own.data.customers[0].conferences.map((room: { friendlyName: string }) => room.friendlyName)).toEqual([
      'Participants 5',
      'Participants 1',
    ])
    expect(own.data.customers[1].conferences).toEqual([expect.toBeOneOf([null, { friendlyName: null }])])
    expect(codesOf(own)).toEqual(['FORBIDDEN'])
    // Hive Gateway returns the path of the field without the list index, Apollo Gateway the path of the list item.
    const path = ['customers', 1, 'conferences', ...(gateway === 'hive' ? ['friendlyName'] : [0])]
    expect(own.errors?.map(({ path }) => path)).toEqual([path])

    expect(others.data.customers[1].conferences).toEqual([{ friendlyName: expect.any(String) }])
    expect(codesOf(others)).toEqual(['FORBIDDEN'])
  })

  it.each([
    ['without credentials', undefined],
    ['with a wrong password', basic(part, 'wrong')],
  ])('%s, returns UNAUTHENTICATED, and the data of the customers subgraph', async (_how, authorization) => {
    const answer = await sendQuery(
      graph.url,
      '{ customer(id: "1") { name conferences { friendlyName } } }',
      authorization,
    )
    expect(answer.data.customer.name).toBe('Lighthouse Insurance')
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED'])
    const viewer = await sendQuery(graph.url, '{ viewer { sid } }', authorization)
    expect(viewer.data?.viewer ?? null).toBeNull()
    expect(codesOf(viewer)).toEqual(['UNAUTHENTICATED'])
  })

  it('returns BAD_USER_INPUT for a malformed SID, without an upstream request', async () => {
    const answer = await query('{ conference(sid: "CF1") { friendlyName } }')
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT'])
    expect(upstreamRequests()).toEqual([])
  })

  it('forwards credentials to restcomm-graphql only', async () => {
    const before = graph.customers.authorizations.length
    await query(`{ conference(sid: "${part5}") { friendlyName customer { name } } }`)
    expect(upstreamRequests()).toHaveLength(1)
    expect(graph.customers.authorizations.length).toBeGreaterThan(before)
    expect(new Set(graph.customers.authorizations)).toEqual(new Set([null]))
  })
})
