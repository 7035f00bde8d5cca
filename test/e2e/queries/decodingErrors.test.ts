import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { changeRows } from '../../support/changeRows.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
const account = accountOf('conf0').sid
const sid = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
/** Restcomm lists conferences by SID. */
const CONFERENCES = Array.from({ length: 30 }, (_, number) => sid('CF', number))
/** Participants of the first conference. */
const CALLS = Array.from({ length: 4 }, (_, number) => sid('CA', number))
/** Recordings of the first call. */
const RECORDINGS = Array.from({ length: 3 }, (_, number) => sid('RE', number))

beforeAll(async () => {
  gateway = await startGateway({ env: { CACHE_MAX_BYTES: '0' } })
  const { rows } = gateway.sandbox
  const createdAt = (second: number) => `2019-01-01 06:01:${String(second).padStart(2, '0')}.000` as const
  for (const [i, conferenceSid] of CONFERENCES.entries()) {
    rows.addConference({ sid: conferenceSid, account_sid: account, date_created: createdAt(i) })
  }
  for (const [i, callSid] of CALLS.entries()) {
    const conference = { conference_sid: CONFERENCES[0] ?? '', date_created: createdAt(i) }
    rows.addCall({ sid: callSid, account_sid: account, status: 'in-progress', ...conference })
  }
  for (const recordingSid of RECORDINGS) {
    rows.addRecording({ sid: recordingSid, account_sid: account, call_sid: CALLS[0] ?? '' })
  }
})
afterEach(() => gateway.sandbox.intercept(null))
afterAll(() => gateway.close())

const run = (query: string) => gateway.query(query, { as: 'conf0' })

/** Changes the row at `index` of every page that contains the row. */
const changeRow = (path: string, originalSid: string | undefined, members: object) =>
  changeRows(gateway, path, row => (row.sid === originalSid ? { ...members } : {}))

interface ListCase {
  readonly kind: string
  readonly path: string
  /** SIDs of all rows in the order of the list. */
  readonly sids: readonly string[]
  readonly sidField: 'sid' | 'callSid'
  /** Path of the field in the response. */
  readonly field: readonly string[]
  readonly query: (args: string, selection: string) => string
}
const CONNECTIONS: readonly ListCase[] = [
  {
    kind: 'conferences',
    path: '/Conferences?',
    sids: CONFERENCES.slice(0, 4),
    sidField: 'sid',
    field: ['conferences'],
    query: (args, selection) => `{ conferences(${args}) { ${selection} } }`,
  },
  {
    kind: 'participants',
    path: '/Participants',
    sids: CALLS,
    sidField: 'callSid',
    field: ['conference', 'participants'],
    query: (args, selection) => `{ conference(sid: "${CONFERENCES[0]}") { participants(${args}) { ${selection} } } }`,
  },
  {
    kind: 'calls',
    path: '/Calls?',
    sids: CALLS,
    sidField: 'sid',
    field: ['conference', 'calls'],
    query: (args, selection) => `{ conference(sid: "${CONFERENCES[0]}") { calls(${args}) { ${selection} } } }`,
  },
]

interface ResultPart {
  readonly items?: readonly unknown[]
  readonly errors?: readonly unknown[]
  readonly extensions?: { readonly decodingErrors: number }
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a field depends on the query.
const at = (data: unknown, path: readonly string[]) => path.reduce<any>((value, name) => value[name], data)

const malformed = (path: readonly (string | number)[]) => ({
  path,
  message: expect.stringMatching(/^Restcomm returned an? \w+ with an invalid `\w+`: expected /),
  extensions: { code: 'UPSTREAM_MALFORMED' },
})

describe('an unreadable member of a row', () => {
  it.each([
    { kind: 'conferences', name: 'apiVersion', member: 'api_version', value: undefined, other: 'uri' },
    { kind: 'conferences', name: 'status', member: 'status', value: 7, other: 'friendlyName' },
    {
      kind: 'conferences',
      name: 'dateCreated',
      member: 'date_created',
      value: '9999-12-31T23:59:59-01:00',
      other: 'uri',
    },
    { kind: 'participants', name: 'muted', member: 'muted', value: 'yes', other: 'hold' },
    { kind: 'participants', name: 'uri', member: 'uri', value: null, other: 'dateUpdated' },
    { kind: 'calls', name: 'duration', member: 'duration', value: '1 minute', other: 'from' },
    { kind: 'calls', name: 'parentCallSid', member: 'parent_call_sid', value: 'CA1', other: 'to' },
  ])('an unreadable $member of $kind is one null and one error, only if selected', async testCase => {
    const { path, sids, sidField, field, query } = CONNECTIONS.find(({ kind }) => kind === testCase.kind) as ListCase
    const { name, member, value, other } = testCase
    const nodes = `nodes { ${sidField} ${other} ${name} }`
    const correct = at((await run(query('first: 4', nodes))).data, field).nodes
    changeRow(path, sids[1], { [member]: value })

    const { data, errors } = await run(query('first: 4', nodes))
    const expected = correct.map((row: object, i: number) => (i === 1 ? { ...row, [name]: null } : row))
    expect(at(data, field).nodes).toEqual(expected)
    expect(errors).toMatchObject([malformed([...field, 'nodes', 1, name])])
    expect(errors).toHaveLength(1)
    expect((await run(query('first: 4', `nodes { ${sidField} ${other} }`))).errors).toBeUndefined()
  })

  it('an unreadable duration of a recording is one null and one error, only if selected', async () => {
    changeRow('/Recordings', RECORDINGS[1], { duration: 'long' })
    const query = (selection: string) =>
      `{ conference(sid: "${CONFERENCES[0]}") { calls(first: 1) { nodes { recordings { ${selection} } } } } }`
    const { data, errors } = await run(query('sid uri duration'))
    const { recordings } = data.conference.calls.nodes[0]
    expect(recordings.map((row: { duration: unknown }) => row.duration === null)).toEqual([false, true, false])
    expect(recordings.every((row: { uri: unknown }) => typeof row.uri === 'string')).toBe(true)
    expect(errors).toMatchObject([malformed(['conference', 'calls', 'nodes', 0, 'recordings', 1, 'duration'])])
    expect((await run(query('sid uri'))).errors).toBeUndefined()
  })

  it('an unreadable type of an account is one null and one error, only if selected', async () => {
    changeRow(`/Accounts/${account}`, account, { type: 7 })
    const { data, errors } = await run('{ viewer { sid status type } }')
    expect(data.viewer).toEqual({ sid: account, status: 'ACTIVE', type: null })
    expect(errors).toMatchObject([malformed(['viewer', 'type'])])
    expect(errors?.[0]?.message).toBe('Restcomm returned an account with an invalid `type`: expected a string.')
    expect((await run('{ viewer { sid status } }')).errors).toBeUndefined()
  })

  it('the error of an unreadable member does not quote the value', async () => {
    changeRow('/Conferences?', CONFERENCES[0], { api_version: { secret: 'top secret' } })
    const { errors } = await run('{ conferences(first: 1) { nodes { apiVersion } } }')
    expect(errors?.[0]?.message).toBe(
      'Restcomm returned a conference with an invalid `api_version`: expected a string.',
    )
    expect(JSON.stringify(errors)).not.toContain('secret')
  })

  it('an unreadable status counts as not over, so that the participants of the conference are read', async () => {
    changeRow('/Conferences/', CONFERENCES[0], { status: 7 })
    const { data, errors } = await run(
      `{ conference(sid: "${CONFERENCES[0]}") { isRunning participants { totalCount } } }`,
    )
    expect(data.conference).toEqual({ isRunning: null, participants: { totalCount: CALLS.length } })
    expect(errors).toMatchObject([malformed(['conference', 'isRunning'])])
  })

  it('an unreadable member does not count as a row outside the filter', async () => {
    changeRow('/Conferences?', CONFERENCES[1], { status: 7, friendly_name: 7, date_created: 'x', date_updated: 'x' })
    const filter =
      'status: RUNNING_MODERATOR_PRESENT, friendlyName: "%", createdOnOrAfter: "2018-01-01", updatedOnOrBefore: "2030-01-01"'
    const { data, errors } = await run(`{ conferences(first: 3, filter: { ${filter} }) { nodes { sid } } }`)
    expect(errors).toBeUndefined()
    expect(data.conferences.nodes).toContainEqual({ sid: CONFERENCES[1] })
  })

  it.each([true, false])('an unreadable flag passes the filter of participants for %s', async muted => {
    changeRows(gateway, '/Participants', row => (row.sid === CALLS[1] ? { muted: 'yes' } : { muted: false }))
    const { data, errors } = await run(
      `{ conference(sid: "${CONFERENCES[0]}") { participants(filter: { muted: ${muted} }) { totalCount nodes { callSid muted } } } }`,
    )
    const expected = CALLS.map((callSid, i) => ({ callSid, muted: i === 1 ? null : false }))
    const selected = expected.filter(row => row.muted === null || !muted)
    expect(data.conference.participants).toEqual({ totalCount: selected.length, nodes: selected })
    expect(errors).toMatchObject([malformed(['conference', 'participants', 'nodes', muted ? 0 : 1, 'muted'])])
  })

  it('a missing flag does not pass the filter of participants', async () => {
    changeRow('/Participants', CALLS[1], { muted: null })
    const query = (muted: boolean) =>
      `{ conference(sid: "${CONFERENCES[0]}") { participants(filter: { muted: ${muted} }) { nodes { callSid } } } }`
    for (const muted of [true, false]) {
      const { data } = await run(query(muted))
      expect(data.conference.participants.nodes).not.toContainEqual({ callSid: CALLS[1] })
    }
  })
})

describe('a row without a valid identity', () => {
  it.each(CONNECTIONS)('a row of $kind without a valid SID is null in `nodes` and in its edge', async testCase => {
    const { path, sids, sidField, field, query } = testCase
    const edges = `edges { node { ${sidField} } } pageInfo { hasNextPage hasPreviousPage } totalCount`
    const correct = at((await run(query('first: 4', edges))).data, field)
    changeRow(path, sids[0], { sid: 'nonsense' })
    const { data, errors } = await run(query('first: 4', `${edges} nodes { ${sidField} }`))
    const { nodes, ...rest } = at(data, field)
    const expected = [null, ...sids.slice(1).map(known => ({ [sidField]: known }))]
    expect(nodes).toEqual(expected)
    expect(rest).toEqual({ ...correct, edges: expected.map(node => ({ node })) })
    expect(errors).toHaveLength(2)
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: [...field, 'nodes', 0] }),
        expect.objectContaining({ path: [...field, 'edges', 0, 'node'] }),
      ]),
    )
  })

  it.each(CONNECTIONS)('pages of $kind include a row without a valid SID once, in both directions', async testCase => {
    const { path, sids, sidField, field, query } = testCase
    changeRow(path, sids[0], { sid: 'nonsense' })
    const walk = async (direction: 'first' | 'last', size: number) => {
      const seen: (string | null)[] = []
      let cursor = ''
      for (;;) {
        const { data } = await run(
          query(
            `${direction}: ${size} ${cursor}`,
            `edges { node { ${sidField} } } pageInfo { endCursor startCursor hasNextPage hasPreviousPage }`,
          ),
        )
        const { edges, pageInfo } = at(data, field)
        const page = edges.map(({ node }: { node: Record<string, string> | null }) => node?.[sidField] ?? null)
        if (direction === 'first') seen.push(...page)
        else seen.unshift(...page)
        cursor = direction === 'first' ? `after: "${pageInfo.endCursor}"` : `before: "${pageInfo.startCursor}"`
        if (!(direction === 'first' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return seen
      }
    }
    const size = testCase.kind === 'conferences' ? 10 : 1
    const all = [null, ...(testCase.kind === 'conferences' ? CONFERENCES : sids).slice(1)]
    expect(await walk('first', 1)).toEqual(all)
    expect(await walk('last', size)).toEqual(all)
    expect(await walk('first', 3)).toEqual(all)
  })

  it('the cursor of a row without a valid SID follows the row after a row was added before it', async () => {
    changeRow('/Conferences?', CONFERENCES[5], { sid: 'nonsense' })
    const page = async (args: string) => {
      const { data } = await run(`{ conferences(${args}) { nodes { sid } pageInfo { endCursor } } }`)
      return data.conferences
    }
    const { nodes, pageInfo } = await page('first: 6')
    expect(nodes.at(-1)).toBeNull()
    const added = gateway.sandbox.rows.addConference({ sid: `CF${'0'.repeat(31)}A`, account_sid: account })
    const shifted = await page('first: 30')
    const next = await page(`first: 2, after: "${pageInfo.endCursor}"`)
    gateway.sandbox.rows.removeConference(added.sid)
    expect(shifted.nodes.indexOf(null)).toBeGreaterThan(0)
    const following = shifted.nodes.slice(shifted.nodes.indexOf(null) + 1)
    expect(next.nodes).toEqual(following.slice(0, 2))
  })

  it.each([{ sid: CONFERENCES[2] }, { account_sid: accountOf('conf1').sid }])(
    'a look-up of a conference answered with the members %j is an error',
    async members => {
      changeRow(`/Conferences/${CONFERENCES[1]}`, CONFERENCES[1], members)
      const { data, errors } = await run(`{ conference(sid: "${CONFERENCES[1]}") { sid } }`)
      expect(data).toEqual({ conference: null })
      expect(errors).toMatchObject([
        {
          message: 'Restcomm returned a different conference than requested.',
          extensions: { code: 'UPSTREAM_MALFORMED' },
        },
      ])
    },
  )

  it('a look-up answered with a different ended conference does not change later look-ups of that conference', async () => {
    const caching = await startGateway()
    onTestFinished(() => caching.close())
    const [requested = '', other = ''] = CONFERENCES
    for (const known of [requested, other]) {
      caching.sandbox.rows.addConference({
        sid: known,
        account_sid: account,
        status: 'COMPLETED',
        friendly_name: known,
      })
    }
    const lookUp = (conferenceSid: string) =>
      caching.query(`{ conference(sid: "${conferenceSid}") { friendlyName } }`, { as: 'conf0' })
    changeRows(caching, `/Conferences/${requested}`, () => ({ sid: other }))
    expect((await lookUp(requested)).errors).toMatchObject([{ extensions: { code: 'UPSTREAM_MALFORMED' } }])
    caching.sandbox.intercept(null)
    for (const known of [requested, other]) {
      expect((await lookUp(known)).data).toEqual({ conference: { friendlyName: known } })
    }
  })

  it('a call of a different instance and a SID in different case are found by a look-up', async () => {
    const { sid: callSid } = gateway.sandbox.rows.addCall({
      sid: `ID${'1'.repeat(32)}-CA${'2'.repeat(32)}`,
      account_sid: account,
    })
    const conferenceSid = `CF${'a'.repeat(32)}`
    gateway.sandbox.rows.addConference({ sid: conferenceSid, account_sid: account })
    onTestFinished(() => gateway.sandbox.rows.removeConference(conferenceSid))
    changeRow('/Conferences/', conferenceSid, { sid: conferenceSid.replaceAll('a', 'A') })
    const { data, errors } = await run(
      `{ call: node(id: "${nodeIdOf('Call', account, callSid)}") { ... on Call { sid } } conference(sid: "${conferenceSid}") { sid } }`,
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ call: { sid: callSid }, conference: { sid: conferenceSid.replaceAll('a', 'A') } })
  })

  it.each([{ sid: 'nonsense' }, { sid: null, uri: null }])(
    'the cursor of a row with the members %j continues after the row if further members differ in each response',
    async members => {
      let responses = 0
      changeRows(gateway, '/Conferences?', ({ sid }) =>
        sid === CONFERENCES[1] ? { ...members, friendly_name: String(responses++) } : {},
      )
      const seen: (string | null)[] = []
      for (let after = ''; seen.length < 4; ) {
        const { data } = await run(`{ conferences(first: 1 ${after}) { nodes { sid } pageInfo { endCursor } } }`)
        const { nodes, pageInfo } = data.conferences
        seen.push(nodes[0]?.sid ?? null)
        after = `after: "${pageInfo.endCursor}"`
      }
      expect(responses).toBeGreaterThan(1)
      expect(seen).toEqual([CONFERENCES[0], null, CONFERENCES[2], CONFERENCES[3]])
    },
  )

  it('a participant that is not found beside a row without a valid SID is an error, because the row may be the participant', async () => {
    changeRow('/Participants', CALLS[1], { sid: 'nonsense' })
    const lookUp = (callSid: string) => {
      const id = nodeIdOf('Participant', account, CONFERENCES[0] ?? '', callSid)
      return run(`{ node(id: "${id}") { ... on Participant { callSid } } }`)
    }
    expect(await lookUp(CALLS[2] ?? '')).toEqual({ data: { node: { callSid: CALLS[2] } } })
    const { data, errors } = await lookUp(CALLS[1] ?? '')
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([malformed(['node'])])
  })

  it('a recording without a valid SID is a null element with an error', async () => {
    changeRow('/Recordings', RECORDINGS[1], { sid: null })
    const { data, errors } = await run(
      `{ conference(sid: "${CONFERENCES[0]}") { calls(first: 1) { nodes { recordings { sid } } } } }`,
    )
    const { recordings } = data.conference.calls.nodes[0]
    expect(recordings).toEqual([{ sid: RECORDINGS[0] }, null, { sid: RECORDINGS[2] }])
    const path = ['conference', 'calls', 'nodes', 0, 'recordings', 1]
    expect(errors).toMatchObject([{ path, extensions: { code: 'UPSTREAM_MALFORMED' } }])
  })

  it('a recording of a different account is left out, even without a valid SID', async () => {
    changeRow('/Recordings', RECORDINGS[1], { sid: null, account_sid: accountOf('conf1').sid })
    const { data, errors } = await run(
      `{ conference(sid: "${CONFERENCES[0]}") { calls(first: 1) { nodes { recordings { sid } } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.conference.calls.nodes[0].recordings).toEqual([{ sid: RECORDINGS[0] }, { sid: RECORDINGS[2] }])
  })

  it('a row that is no object is a null element with an error', async () => {
    gateway.sandbox.intercept(() => ({ status: 200, body: JSON.stringify({ conferences: [7] }) }))
    const { data, errors } = await run('{ conferences(first: 2) { nodes { sid } totalCount } }')
    expect(data.conferences).toEqual({ nodes: [null], totalCount: 1 })
    expect(errors).toMatchObject([
      {
        path: ['conferences', 'nodes', 0],
        message: 'Restcomm returned a malformed conference: expected a JSON object.',
      },
    ])
  })
})

describe('a malformed list', () => {
  const recordings = () =>
    run(`{ node(id: "${nodeIdOf('Call', account, CALLS[0] ?? '')}") { ... on Call { recordings { sid } } } }`)
  const listOf = ({ field, query }: ListCase) => ({
    read: () => run(query('first: 4', 'nodes { __typename }')),
    list: `list of ${field.at(-1)}`,
  })
  const CASES = CONNECTIONS.map(connection => ({ ...connection, ...listOf(connection) }))

  it.each([
    ...CASES.map(listCase => ({ ...listCase, body: '7', expected: 'object' })),
    ...CASES.map(listCase => ({ ...listCase, body: '{}', expected: 'array' })),
    { path: '/Recordings', read: recordings, list: 'list of recordings', body: '{}', expected: 'array' },
  ])('a $list with the body $body is a decoding error that names the list', async testCase => {
    const { path, read, list, body, expected } = testCase
    gateway.sandbox.intercept(request => (request.path.includes(path) ? { status: 200, body } : undefined))
    const { errors } = await read()
    const message = `Restcomm returned a malformed ${list}: expected a JSON ${expected}.`
    expect(errors).toMatchObject([{ message, extensions: { code: 'UPSTREAM_MALFORMED' } }])
  })
})

describe('sorted lists with unreadable rows', () => {
  const pageThrough = async (direction: 'ASC' | 'DESC') => {
    const seen: (string | null)[] = []
    let after = ''
    for (;;) {
      const { data } = await run(
        `{ conferences(first: 7 ${after} orderBy: { field: DATE_CREATED, direction: ${direction} }) {
          totalCount nodes { sid } pageInfo { endCursor hasNextPage }
        } }`,
      )
      const { nodes, pageInfo, totalCount } = data.conferences
      seen.push(...nodes.map((node: { sid: string } | null) => node?.sid ?? null))
      if (!pageInfo.hasNextPage) return { seen, totalCount }
      after = `after: "${pageInfo.endCursor}"`
    }
  }

  it.each(['ASC', 'DESC'] as const)('an unreadable date sorts as the smallest date, with %s', async direction => {
    changeRow('/Conferences?', CONFERENCES[9], { date_created: 'yesterday' })
    const expected = [CONFERENCES[9], ...CONFERENCES.toSpliced(9, 1)]
    const { seen, totalCount } = await pageThrough(direction)
    expect(seen).toEqual(direction === 'ASC' ? expected : expected.toReversed())
    expect(totalCount).toBe(CONFERENCES.length)
  })

  it('two rows without a valid SID are on the first page of a sorted list', async () => {
    changeRows(gateway, '/Conferences?', ({ sid }) =>
      sid === CONFERENCES[9] || sid === CONFERENCES[3] ? { sid: 7 } : {},
    )
    const { seen, totalCount } = await pageThrough('ASC')
    expect(seen).toEqual([null, null, ...CONFERENCES.toSpliced(9, 1).toSpliced(3, 1)])
    expect(totalCount).toBe(CONFERENCES.length)
  })

  it('two equal rows without members are on the first page of a sorted list', async () => {
    changeRows(gateway, '/Conferences?', row =>
      row.sid === CONFERENCES[9] || row.sid === CONFERENCES[3]
        ? Object.fromEntries(Object.keys(row).map(name => [name, undefined]))
        : {},
    )
    const { seen, totalCount } = await pageThrough('ASC')
    expect(seen).toEqual([null, null, ...CONFERENCES.toSpliced(9, 1).toSpliced(3, 1)])
    expect(totalCount).toBe(CONFERENCES.length)
  })

  it('an unreadable name sorts like a missing name', async () => {
    changeRow('/Conferences?', CONFERENCES[9], { friendly_name: 7 })
    const { data } = await run(
      '{ conferences(first: 1, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { nodes { sid } } }',
    )
    expect(data.conferences.nodes).toEqual([{ sid: CONFERENCES[9] }])
  })
})

describe('the number of listed errors', () => {
  it('of 60 decoding errors, 20 are listed with the total in `extensions`, and other errors are kept', async () => {
    changeRows(gateway, '/Conferences?', () => ({ api_version: 7, uri: 7 }))
    const answer = await run(
      '{ conferences(first: 30) { nodes { sid apiVersion uri } } other: conferences(after: "garbage") { totalCount } }',
    )
    const codes = answer.errors?.map(({ extensions }) => extensions?.code) ?? []
    expect(codes.filter(code => code === 'UPSTREAM_MALFORMED')).toHaveLength(20)
    expect(codes.filter(code => code === 'BAD_USER_INPUT')).toHaveLength(1)
    expect(answer).toMatchObject({ extensions: { decodingErrors: 60 } })
    expect(answer.data.conferences.nodes).toEqual(
      CONFERENCES.map(known => ({ sid: known, apiVersion: null, uri: null })),
    )
  })

  /** Entries of all payloads in the order of arrival. The initial result is an entry too. */
  const runInParts = async (query: string): Promise<ResultPart[]> => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed', authorization: basic('conf0') },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    const payloads = Array.from(text.matchAll(/^\{.*\}$/gm), ([json]) => JSON.parse(json))
    return payloads.flatMap(payload => [payload, ...(payload.incremental ?? [])])
  }
  const totalsOf = (parts: readonly ResultPart[]) => parts.flatMap(({ extensions }) => extensions?.decodingErrors ?? [])

  it('all payloads of @defer together list 20 decoding errors, and the last payload contains the total', async () => {
    changeRows(gateway, '/Conferences?', () => ({ api_version: 7, uri: 7 }))
    const parts = await runInParts(
      '{ conferences(first: 12) { nodes { apiVersion } ... @defer { more: nodes { uri } } } }',
    )
    expect(parts.flatMap(({ errors }) => errors?.length ?? [])).toEqual([12, 8])
    expect(totalsOf(parts)).toEqual([24])
  })

  it('all payloads of @stream together list 20 decoding errors, and the last payload contains the total', async () => {
    changeRows(gateway, '/Conferences?', () => ({ api_version: 7, uri: 7 }))
    const parts = await runInParts('{ conferences(first: 30) { nodes @stream(initialCount: 0) { uri apiVersion } } }')
    expect(parts.flatMap(({ errors }) => errors ?? [])).toHaveLength(20)
    expect(totalsOf(parts).at(-1)).toBe(60)
    expect(parts.filter(({ errors }) => errors?.length === 0)).toEqual([])
    expect(parts.flatMap(({ items }) => items ?? [])).toHaveLength(30)
  })

  it('20 decoding errors are listed without `extensions`', async () => {
    changeRows(gateway, '/Conferences?', () => ({ api_version: 7 }))
    const answer = await run('{ conferences(first: 20) { nodes { apiVersion } } }')
    expect(answer.errors).toHaveLength(20)
    expect(answer).not.toHaveProperty('extensions')
  })
})
