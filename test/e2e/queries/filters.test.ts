import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => {
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})
afterAll(() => gateway.close())

const QUERY = `query ($filter: ConferenceFilter, $first: Int) {
  conferences(filter: $filter, first: $first) { totalCount nodes { sid friendlyName status } } }`

const namesMatching = async (friendlyName: string) => {
  const { data, errors } = await gateway.query(QUERY, { as: 'mix', variables: { filter: { friendlyName } } })
  expect(errors).toBeUndefined()
  expect(data.conferences.totalCount).toBe(data.conferences.nodes.length)
  return data.conferences.nodes.map((node: { friendlyName: string }) => node.friendlyName).toSorted()
}
const allNames = () => gateway.sandbox.rows.conferencesOf(accountOf('mix').sid).map(row => row.friendly_name ?? '')

describe('the friendlyName filter', () => {
  it('the friendlyName filter finds names with any characters', async () => {
    const { sid } = accountOf('mix')
    for (const name of [
      '50%41',
      '%41',
      'a_b',
      '🎧 stand-up',
      'ключ',
      'a+b & c=d;e',
      '"quoted" \\ back',
      'tab\tnew\nline',
      "it's",
      '{brace}',
      '#?/',
    ]) {
      gateway.sandbox.rows.addConference({ account_sid: sid, friendly_name: name })
      expect(await namesMatching(name)).toContain(name)
    }
  })

  it('the friendlyName filter has the wildcards % and _ and is case-sensitive', async () => {
    expect(await namesMatching('%')).toEqual(allNames().toSorted())
    expect(await namesMatching('____')).toEqual(
      allNames()
        .filter(name => [...name].length === 4 || name.length === 4)
        .toSorted(),
    )
    expect(await namesMatching('A%')).toEqual(
      allNames()
        .filter(name => name.startsWith('A'))
        .toSorted(),
    )
    expect(await namesMatching('no such room')).toEqual([])
  })
})

describe('filter conditions', () => {
  it('combined filter conditions are sent to Restcomm and apply to rows and totalCount', async () => {
    const filter = { status: 'RUNNING_MODERATOR_ABSENT', createdOnOrAfter: '2019-01-02', friendlyName: 'Room%' }
    const { data, errors } = await gateway.query(QUERY, { variables: { filter, first: 3 } })
    expect(errors).toBeUndefined()
    const rows = gateway.sandbox.rows
      .conferencesOf(accountOf('conf137').sid)
      .filter(row => row.status === filter.status && row.date_created >= filter.createdOnOrAfter)
    expect(rows.length).toBeGreaterThan(3)
    expect(data.conferences.totalCount).toBe(rows.length)
    const [request] = gateway.takeUpstreamRequests()
    expect(request).toContain('Status=RUNNING_MODERATOR_ABSENT')
    expect(request).toContain('DateCreated=2019-01-02')
    expect(request).toContain('FriendlyName=Room%25')
    expect(request).not.toContain('.json')
  })

  it('a filter ignored by the upstream is UPSTREAM_FILTER_IGNORED, never an unfiltered list', async () => {
    for (const filter of [{ status: 'FAILED' }, { friendlyName: 'x%' }, { createdOnOrAfter: '2030-01-01' }]) {
      const secondGateway = await startGateway()
      const url = new URL(secondGateway.sandbox.url)
      gateway.sandbox.intercept(async ({ path, authorization }) => {
        const page = /Page=\d+&PageSize=\d+/.exec(path)?.[0]
        const answer = await fetch(`${url.origin}${path.split('?')[0]}?${page}`, {
          headers: { accept: 'application/json', ...(authorization && { authorization }) },
        })
        return { status: answer.status, body: await answer.text() }
      })
      const { data, errors } = await gateway.query(QUERY, { variables: { filter } })
      expect(data.conferences?.edges ?? []).toEqual([])
      expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['UPSTREAM_FILTER_IGNORED']))
      await secondGateway.close()
    }
  })

  it('the friendlyName filter accepts rows that the upstream database considers equal, such as o and ô in MariaDB', async () => {
    const secondGateway = await startGateway()
    const { origin } = new URL(secondGateway.sandbox.url)
    gateway.sandbox.intercept(async ({ path, authorization }) => {
      const answer = await fetch(origin + path.replace('FriendlyName=r%C3%B4om%25', 'FriendlyName=Room%25'), {
        headers: { accept: 'application/json', ...(authorization && { authorization }) },
      })
      return { status: answer.status, body: await answer.text() }
    })
    const { data, errors } = await gateway.query(QUERY, { variables: { filter: { friendlyName: 'rôom%' } } })
    expect(errors).toBeUndefined()
    expect(data.conferences.nodes.length).toBeGreaterThan(3)
    await secondGateway.close()
  })

  it('a friendlyName filter of more than 255 characters is BAD_USER_INPUT before any upstream request', async () => {
    expect(await namesMatching('%'.repeat(255))).toEqual(allNames().toSorted())
    gateway.sandbox.clearRequests()
    const variables = { filter: { friendlyName: '%'.repeat(256) } }
    const { errors } = await gateway.query(QUERY, { as: 'mix', variables })
    const message = '`friendlyName` has 256 characters: expected at most 255.'
    expect(errors).toMatchObject([{ message, path: ['conferences'], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it.each([{ limit: 5 }, { startTime: '2019-01-01' }, { endTime: '2019-01-01' }, { callSid: `CA${'0'.repeat(32)}` }])(
    'the cloud-only filter %o is BAD_USER_INPUT on Connect',
    async filter => {
      const { errors } = await gateway.query(QUERY, { variables: { filter } })
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining('is not supported by this Restcomm server'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ])
      expect(gateway.takeUpstreamRequests().every(request => !/Limit|StartTime|EndTime|CallSid/.test(request))).toBe(
        true,
      )
    },
  )
})

describe('the cloud dialect', () => {
  let cloud: TestGateway
  beforeAll(async () => {
    cloud = await startGateway({ dialect: 'cloud', maxPageSize: 20, pagedParticipants: true })
  })
  afterAll(() => cloud.close())

  it('the cloud dialect is detected from the envelope and supports cloud-only filters', async () => {
    const limited = await cloud.query(QUERY, { variables: { filter: { limit: 7 } } })
    expect(limited.errors).toBeUndefined()
    expect(limited.data.conferences.nodes).toHaveLength(7)
    expect(limited.data.conferences.totalCount).toBe(7)
  })

  it('lists are complete forwards and backwards although the cloud server caps the page size', async () => {
    const expectedSids = cloud.sandbox.rows
      .conferencesOf(accountOf('conf137').sid)
      .map(row => row.sid)
      .toSorted()
    for (const [args, expected] of [
      ['first: 137', expectedSids],
      ['last: 137', expectedSids],
      ['first: 50', expectedSids.slice(0, 50)],
      ['last: 50', expectedSids.slice(-50)],
    ] as const) {
      const { data, errors } = await cloud.query(`{ conferences(${args}) { totalCount nodes { sid } } }`)
      expect(errors).toBeUndefined()
      expect(data.conferences.nodes.map((node: { sid: string }) => node.sid)).toEqual(expected)
      expect(data.conferences.totalCount).toBe(137)
    }
    const sorted = await cloud.query(
      '{ conferences(first: 500, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }',
    )
    expect(sorted.data.conferences.nodes.map((node: { sid: string }) => node.sid).toSorted()).toEqual(expectedSids)
  })

  it('participants are complete although the cloud server sends them in pages', async () => {
    const query =
      '{ conferences(first: 10) { nodes { friendlyName participants(first: 500) { totalCount nodes { callSid } } } } }'
    const { data, errors } = await cloud.query(query, { as: 'part' })
    expect(errors).toBeUndefined()
    for (const { friendlyName, participants } of data.conferences.nodes) {
      const count = /^Participants (\d+)$/.exec(friendlyName)?.[1]
      if (count === undefined) continue
      expect([friendlyName, participants.totalCount]).toEqual([friendlyName, Number(count)])
      expect(new Set(participants.nodes.map((node: { callSid: string }) => node.callSid)).size).toBe(Number(count))
    }
  })

  it('RESTCOMM_DIALECT sets the dialect without an upstream request', async () => {
    const configured = await startGateway({ env: { RESTCOMM_DIALECT: 'connect' }, dialect: 'cloud' })
    expect((await configured.query(QUERY, { variables: { filter: { limit: 7 } } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect(configured.takeUpstreamRequests()).toEqual([])
    await configured.close()
  })
})

describe('the updatedOnOrBefore filter', () => {
  it('updatedOnOrBefore is evaluated by the gateway on Connect, for pages and totalCount', async () => {
    const { sid } = accountOf('conf137')
    const day = '2019-01-04'
    const expectedSids = gateway.sandbox.rows
      .conferencesOf(sid)
      .filter(row => row.date_updated.slice(0, 10) <= day && row.status === 'COMPLETED')
      .map(row => row.sid)
      .toSorted()
    expect(expectedSids.length).toBeGreaterThan(5)
    const filter = `filter: { updatedOnOrBefore: "${day}", status: COMPLETED }`
    const seen: string[] = []
    let args = 'first: 2'
    for (;;) {
      const { data, errors } = await gateway.query(
        `{ conferences(${args}, ${filter}) { totalCount nodes { sid } pageInfo { hasNextPage endCursor } } }`,
      )
      expect(errors).toBeUndefined()
      expect(data.conferences.totalCount).toBe(expectedSids.length)
      seen.push(...data.conferences.nodes.map((node: { sid: string }) => node.sid))
      if (!data.conferences.pageInfo.hasNextPage) break
      args = `first: 2, after: "${data.conferences.pageInfo.endCursor}"`
    }
    expect(seen).toEqual(expectedSids)
    expect(gateway.takeUpstreamRequests().every(request => !request.includes('DateUpdated'))).toBe(true)
  })

  it('updatedOnOrBefore is sent to the cloud', async () => {
    const cloud = await startGateway({ env: { RESTCOMM_DIALECT: 'cloud' } })
    cloud.sandbox.intercept(() => ({ status: 200, body: '{"page":0,"conferences":[]}' }))
    await cloud.query('{ conferences(filter: { updatedOnOrBefore: "2019-01-04" }) { nodes { sid } } }')
    expect(cloud.takeUpstreamRequests()[0]).toContain('DateUpdated=2019-01-04')
    await cloud.close()
  })
})
