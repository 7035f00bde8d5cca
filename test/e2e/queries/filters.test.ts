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

const named = async (friendlyName: string) => {
  const { data, errors } = await gateway.query(QUERY, { as: 'mix', variables: { filter: { friendlyName } } })
  expect(errors).toBeUndefined()
  expect(data.conferences.totalCount).toBe(data.conferences.nodes.length)
  return data.conferences.nodes.map((node: { friendlyName: string }) => node.friendlyName).toSorted()
}
const names = () => gateway.sandbox.rows.conferencesOf(accountOf('mix').sid).map(row => row.friendly_name ?? '')

describe('a name', () => {
  it('of any characters is found by itself', async () => {
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
      expect(await named(name)).toContain(name)
    }
  })

  it('with % and _ is a pattern, case-sensitive', async () => {
    expect(await named('%')).toEqual(names().toSorted())
    expect(await named('____')).toEqual(
      names()
        .filter(name => [...name].length === 4 || name.length === 4)
        .toSorted(),
    )
    expect(await named('A%')).toEqual(
      names()
        .filter(name => name.startsWith('A'))
        .toSorted(),
    )
    expect(await named('no such room')).toEqual([])
  })
})

describe('conditions', () => {
  it('all hold, go to Restcomm under its names, and count into totalCount', async () => {
    const filter = { status: 'RUNNING_MODERATOR_ABSENT', createdOnOrAfter: '2019-01-02', friendlyName: 'Room%' }
    const { data, errors } = await gateway.query(QUERY, { variables: { filter, first: 3 } })
    expect(errors).toBeUndefined()
    const rows = gateway.sandbox.rows
      .conferencesOf(accountOf('conf137').sid)
      .filter(row => row.status === filter.status && row.date_created >= filter.createdOnOrAfter)
    expect(rows.length).toBeGreaterThan(3)
    expect(data.conferences.totalCount).toBe(rows.length)
    const [request] = gateway.asked()
    expect(request).toContain('Status=RUNNING_MODERATOR_ABSENT')
    expect(request).toContain('DateCreated=2019-01-02')
    expect(request).toContain('FriendlyName=Room%25')
    expect(request).not.toContain('.json')
  })

  it('that the upstream ignores are noticed: never a silently unfiltered list', async () => {
    for (const filter of [{ status: 'FAILED' }, { friendlyName: 'x%' }, { createdOnOrAfter: '2030-01-01' }]) {
      const plain = await startGateway()
      const url = new URL(plain.sandbox.url)
      gateway.sandbox.intercept(async ({ path, authorization }) => {
        const page = /Page=\d+&PageSize=\d+/.exec(path)?.[0]
        const answer = await fetch(`${url.origin}${path.split('?')[0]}?${page}`, {
          headers: { accept: 'application/json', ...(authorization && { authorization }) },
        })
        return { status: answer.status, body: await answer.text() }
      })
      const { errors } = await gateway.query(QUERY, { variables: { filter } })
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_FILTER_IGNORED' } }])
      await plain.close()
    }
  })

  it('is met by names in other letters where the database of the upstream takes them for equal, as MariaDB does', async () => {
    const plain = await startGateway()
    const { origin } = new URL(plain.sandbox.url)
    gateway.sandbox.intercept(async ({ path, authorization }) => {
      const answer = await fetch(origin + path.replace('FriendlyName=r%C3%B4om%25', 'FriendlyName=Room%25'), {
        headers: { accept: 'application/json', ...(authorization && { authorization }) },
      })
      return { status: answer.status, body: await answer.text() }
    })
    const { data, errors } = await gateway.query(QUERY, { variables: { filter: { friendlyName: 'rôom%' } } })
    expect(errors).toBeUndefined()
    expect(data.conferences.nodes.length).toBeGreaterThan(3)
    await plain.close()
  })

  it.each([{ limit: 5 }, { startTime: '2019-01-01' }, { endTime: '2019-01-01' }, { callSid: `CA${'0'.repeat(32)}` }])(
    '%o is BAD_USER_INPUT on Connect, which would ignore it',
    async filter => {
      const { errors } = await gateway.query(QUERY, { variables: { filter } })
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining('this Restcomm does not support it'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ])
      expect(gateway.asked().every(request => !/Limit|StartTime|EndTime|CallSid/.test(request))).toBe(true)
    },
  )
})

describe('the cloud', () => {
  let cloud: TestGateway
  beforeAll(async () => {
    cloud = await startGateway({ dialect: 'cloud', maxPageSize: 20, pagedParticipants: true })
  })
  afterAll(() => cloud.close())

  it('is known by its envelope, and understands its own conditions', async () => {
    const limited = await cloud.query(QUERY, { variables: { filter: { limit: 7 } } })
    expect(limited.errors).toBeUndefined()
    expect(limited.data.conferences.nodes).toHaveLength(7)
    expect(limited.data.conferences.totalCount).toBe(7)
  })

  it('caps its pages, and lists are right all the same, forwards and backwards', async () => {
    const truth = cloud.sandbox.rows
      .conferencesOf(accountOf('conf137').sid)
      .map(row => row.sid)
      .toSorted()
    for (const [args, want] of [
      ['first: 137', truth],
      ['last: 137', truth],
      ['first: 50', truth.slice(0, 50)],
      ['last: 50', truth.slice(-50)],
    ] as const) {
      const { data, errors } = await cloud.query(`{ conferences(${args}) { totalCount nodes { sid } } }`)
      expect(errors).toBeUndefined()
      expect(data.conferences.nodes.map((node: { sid: string }) => node.sid)).toEqual(want)
      expect(data.conferences.totalCount).toBe(137)
    }
    const sorted = await cloud.query(
      '{ conferences(first: 500, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { sid } } }',
    )
    expect(sorted.data.conferences.nodes.map((node: { sid: string }) => node.sid).toSorted()).toEqual(truth)
  })

  it('pages participants, who are read to the end', async () => {
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

  it('may be named in the settings, and then the envelope is not asked', async () => {
    const named = await startGateway({ env: { RESTCOMM_DIALECT: 'connect' }, dialect: 'cloud' })
    expect((await named.query(QUERY, { variables: { filter: { limit: 7 } } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect(named.asked()).toEqual([])
    await named.close()
  })
})

describe('the day of the last update', () => {
  it('on which Connect fails, is compared here, in pages that go both ways', async () => {
    const { sid } = accountOf('conf137')
    const day = '2019-01-04'
    const truth = gateway.sandbox.rows
      .conferencesOf(sid)
      .filter(row => row.date_updated.slice(0, 10) <= day && row.status === 'COMPLETED')
      .map(row => row.sid)
      .toSorted()
    expect(truth.length).toBeGreaterThan(5)
    const filter = `filter: { updatedOnOrBefore: "${day}", status: COMPLETED }`
    const seen: string[] = []
    let args = 'first: 2'
    for (;;) {
      const { data, errors } = await gateway.query(
        `{ conferences(${args}, ${filter}) { totalCount nodes { sid } pageInfo { hasNextPage endCursor } } }`,
      )
      expect(errors).toBeUndefined()
      expect(data.conferences.totalCount).toBe(truth.length)
      seen.push(...data.conferences.nodes.map((node: { sid: string }) => node.sid))
      if (!data.conferences.pageInfo.hasNextPage) break
      args = `first: 2, after: "${data.conferences.pageInfo.endCursor}"`
    }
    expect(seen).toEqual(truth)
    expect(gateway.asked().every(request => !request.includes('DateUpdated'))).toBe(true)
  })

  it('goes to the cloud, which can answer it', async () => {
    const cloud = await startGateway({ env: { RESTCOMM_DIALECT: 'cloud' } })
    cloud.sandbox.intercept(() => ({ status: 200, body: '{"page":0,"conferences":[]}' }))
    await cloud.query('{ conferences(filter: { updatedOnOrBefore: "2019-01-04" }) { nodes { sid } } }')
    expect(cloud.asked()[0]).toContain('DateUpdated=2019-01-04')
    await cloud.close()
  })
})
