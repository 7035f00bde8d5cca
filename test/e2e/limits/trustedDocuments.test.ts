import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, basic, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const folder = mkdtempSync(join(tmpdir(), 'trusted-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: unknown): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const VIEWER = 'query Viewer { viewer { sid } }'
const CONFERENCES = 'query Conferences($n: Int) { conferences(first: $n) { totalCount } }\n'
const TWO_OPERATIONS = 'query One { viewer { sid } } query Two { viewer { friendlyName } }'

let gateway: TestGateway
beforeAll(async () => {
  const path = file('documents.json', {
    [sha256(VIEWER)]: VIEWER,
    [`sha256:${sha256(CONFERENCES)}`]: CONFERENCES,
    'custom-id': TWO_OPERATIONS,
  })
  gateway = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

type Transport = (params: Record<string, unknown>, target?: TestGateway) => Promise<GraphQLAnswer>

const byPost: Transport = async (params, target = gateway) => {
  const response = await fetch(target.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basic('conf137') },
    body: JSON.stringify(params),
  })
  return (await response.json()) as GraphQLAnswer
}
const byGet: Transport = async (params, target = gateway) => {
  const searchParams = Object.entries(params).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const url = `${target.url}?${new URLSearchParams(searchParams)}`
  return (await (await fetch(url, { headers: { authorization: basic('conf137') } })).json()) as GraphQLAnswer
}
const byWebSocket: Transport = (params, target = gateway) => queryByWebSocket(target, { query: '', ...params })

const sid = accountOf('conf137').sid

describe.each([
  ['POST', byPost],
  ['GET', byGet],
  ['WebSocket', byWebSocket],
])('trusted documents over %s', (transport, send) => {
  it.each([
    ['documentId', { documentId: `sha256:${sha256(VIEWER)}` }],
    ['documentId without the sha256: prefix', { documentId: sha256(VIEWER) }],
    ['doc_id', { doc_id: sha256(VIEWER) }],
    ['id', { id: sha256(VIEWER) }],
    ['extensions.persistedQuery', { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(VIEWER) } } }],
    ['its text', { query: VIEWER }],
    ['its text and id', { query: VIEWER, documentId: sha256(VIEWER) }],
    ['its hash without a version', { extensions: { persistedQuery: { sha256Hash: sha256(VIEWER) } } }],
    ['its text and hash', { query: VIEWER, extensions: { persistedQuery: { sha256Hash: sha256(VIEWER) } } }],
    ['its text with surrounding white space', { query: `\n${VIEWER}\n` }],
  ])(`a trusted document selected by %s is executed over ${transport}`, async (_selector, params) => {
    expect(await send(params)).toEqual({ data: { viewer: { sid } } })
  })

  it(`a trusted document receives variables and the operation name over ${transport}`, async () => {
    const first = await send({ documentId: sha256(CONFERENCES), variables: { n: 1 } })
    expect(first.data.conferences.totalCount).toBe(137)
    const second = await send({ documentId: 'custom-id', operationName: 'Two' })
    expect(second.data.viewer).toHaveProperty('friendlyName')
  })

  it.each([
    ['an unknown text', '{ viewer { sid friendlyName } }'],
    ['an invalid text', '{'],
    ['a mutation', 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }'],
    ['_service of a router', '{ _service { sdl } }'],
    ['introspection', '{ __schema { queryType { name } } }'],
  ])(
    `a gateway with trusted documents rejects %s over ${transport} without upstream requests`,
    async (_title, query) => {
      for (const extensions of [undefined, { persistedQuery: { sha256Hash: sha256(VIEWER) } }]) {
        const { data, errors } = await send({ query, ...(extensions && { extensions }) })
        expect(data).toBeUndefined()
        expect(errors).toMatchObject([
          {
            message: expect.stringContaining('TRUSTED_DOCUMENTS'),
            extensions: { code: 'DOCUMENT_NOT_TRUSTED', requestId: expect.any(String) },
          },
        ])
      }
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it.each([
    { documentId: sha256('{ viewer { sid } }') },
    { id: 'constructor' },
    { extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } },
  ])(`an unknown document id is PERSISTED_QUERY_NOT_FOUND over ${transport}: %j`, async params => {
    const { data, errors } = await send(params)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', requestId: expect.any(String) } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('trusted documents', () => {
  it('a POST with an unknown document id is a 404', async () => {
    const body = JSON.stringify({ documentId: 'x' })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(gateway.url, { method: 'POST', headers, body })).status).toBe(404)
  })

  it('a subscription from a trusted document can be executed repeatedly over WebSocket', async () => {
    const path = file('subscription.json', {
      s: 'subscription ($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }',
    })
    const custom = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
    const { rows } = custom.sandbox
    const conferenceSid = rows.addConference({ account_sid: sid, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    const id = nodeIdOf('Conference', sid, conferenceSid)
    for (let i = 0; i < 2; i++) {
      const { data } = await byWebSocket({ id: 's', variables: { id } }, custom)
      expect(data.conferenceEvents.__typename).toBe('ConferenceSnapshot')
    }
    await custom.close()
  })

  it('trusted documents support incremental delivery and subscriptions, with and without an empty `query`', async () => {
    const path = file('incremental.json', {
      deferred: '{ viewer { sid ... @defer { friendlyName } } conferences { nodes @stream(initialCount: 1) { sid } } }',
      live: 'subscription { accountEvents { __typename } }',
    })
    const custom = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
    for (const [id, accept, query] of [
      ['deferred', 'multipart/mixed, application/json', undefined],
      ['deferred', 'multipart/mixed, application/json', ''],
      ['live', 'text/event-stream, application/json', undefined],
      ['live', 'text/event-stream, application/json', ''],
    ] as const) {
      const headers = { 'content-type': 'application/json', accept, authorization: basic('conf137') }
      const response = await fetch(custom.url, { method: 'POST', headers, body: JSON.stringify({ id, query }) })
      expect(response.headers.get('content-type')).toMatch(accept.split(',')[0] ?? '')
      await response.body?.cancel()
    }
    await custom.close()
  })

  it('the query cost limit applies to trusted documents', async () => {
    const path = file('cost.json', { [sha256(CONFERENCES)]: CONFERENCES })
    const custom = await startGateway({ env: { TRUSTED_DOCUMENTS: path, MAX_QUERY_COST: '192' } })
    const codes = [10, 11].map(
      async n => (await byPost({ id: sha256(CONFERENCES), variables: { n } }, custom)).errors?.[0]?.extensions?.code,
    )
    expect(await Promise.all(codes)).toEqual([undefined, 'QUERY_TOO_COSTLY'])
    await custom.close()
  })

  const sources: [string, () => string][] = [
    [
      'an Apollo manifest',
      () =>
        file('manifest.json', {
          format: 'apollo-persisted-query-manifest',
          version: 1,
          operations: [{ id: sha256(VIEWER), name: 'Viewer', type: 'query', body: VIEWER }],
        }),
    ],
    [
      'a folder',
      () => {
        file('folder/notes.txt', 'Not a query.')
        file('folder/below/viewer.graphql', VIEWER)
        return join(folder, 'folder')
      },
    ],
  ]
  it.each(sources)('trusted documents are read from %s', async (_source, make) => {
    const custom = await startGateway({ env: { TRUSTED_DOCUMENTS: make() } })
    expect((await byPost({ documentId: sha256(VIEWER) }, custom)).data).toEqual({ viewer: { sid } })
    expect((await byPost({ query: '{ __typename }' }, custom)).errors).toMatchObject([
      { extensions: { code: 'DOCUMENT_NOT_TRUSTED' } },
    ])
    await custom.close()
  })

  const streaming = (selection: string): string => `{ conferences(first: 2) { ${selection} } }`
  const CYCLIC_FRAGMENTS = Array.from(
    { length: 300 },
    (_, i) => `fragment F${i} on Account { ...F${(i + 1) % 300} ...F${(i + 2) % 300} }`,
  ).join(' ')

  it.each([
    ['a missing file', () => join(folder, 'missing'), /^TRUSTED_DOCUMENTS: .*missing does not exist\.$/],
    [
      'invalid JSON',
      () => file('a.json', '{'),
      /a\.json is not valid JSON: Expected property name .* at position 1 .*\.$/,
    ],
    [
      'JSON that is neither a map nor a manifest',
      () => file('b.json', [VIEWER]),
      /b\.json is not a list of documents: expected a JSON object of ids and texts, an Apollo manifest, or a folder /,
    ],
    [
      'an entry that is not a text',
      () => file('c.json', { x: 5 }),
      /the value of "x" in .*c\.json is not a document: expected a string\.$/,
    ],
    [
      'a manifest operation without a text',
      () => file('n.json', { format: 'apollo-persisted-query-manifest', operations: [{ id: 'x' }] }),
      /operations\[0\] of .*n\.json is not a document: expected the strings "id" and "body"\.$/,
    ],
    [
      'an empty map',
      () => file('d.json', {}),
      /d\.json contains no documents: expected a JSON object of ids and texts, /,
    ],
    ['a syntax error', () => file('e.json', { x: '{' }), /x is not valid GraphQL: Syntax Error: .*\.$/],
    [
      'a document without an operation',
      () => file('f.json', { x: 'fragment A on Query { __typename }' }),
      /x contains no operation: expected a query, mutation or subscription\.$/,
    ],
    [
      'an unknown field',
      () => file('g.json', { x: '{ nothing }' }),
      /x is invalid: Cannot query field "nothing" on type "Query"\.$/,
    ],
    [
      'conflicting @stream directives',
      () => file('i.json', { x: streaming('edges @stream { cursor } edges @stream(initialCount: 1) { cursor }') }),
      /x is invalid: Fields "edges" conflict because they have differing stream directives\..*\.$/,
    ],
    [
      'a negative initialCount',
      () => file('j.json', { x: streaming('edges @stream(initialCount: -1) { cursor }') }),
      /x is invalid: `initialCount` of `@stream` is -1: expected an integer of 0 or more\.$/,
    ],
    [
      '@stream on a field that is not a list',
      () => file('k.json', { x: streaming('pageInfo @stream { endCursor }') }),
      /x is invalid: Stream directive cannot be used on non-list field .*\.$/,
    ],
    [
      'a duplicate @defer label',
      () =>
        file('l.json', { x: streaming('... @defer(label: "a") { totalCount } ... @defer(label: "a") { totalCount }') }),
      /x is invalid: Defer\/Stream directive label argument must be unique\.$/,
    ],
    [
      'cyclic fragments',
      () => file('m.json', { x: `{ viewer { ...F0 } } ${CYCLIC_FRAGMENTS}` }),
      /x is invalid: .*\.$/,
    ],
    [
      'a document that exceeds a query limit',
      () => file('h.json', { x: `{ viewer { ${Array.from({ length: 201 }, (_, i) => `a${i}: sid`).join(' ')} } }` }),
      /x is invalid: The query has 201 aliases, more than the maximum of 200\.$/,
    ],
  ] as const)('a gateway with TRUSTED_DOCUMENTS does not start with %s', async (_title, make, message) => {
    await expect(startGateway({ env: { TRUSTED_DOCUMENTS: make() } })).rejects.toThrow(message)
  })
})

describe('without trusted documents', () => {
  it('without trusted documents, a hash without a query is rejected with the APQ code that makes Apollo Client send the text', async () => {
    const custom = await startGateway()
    const params = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(VIEWER) } } }
    for (const send of [byPost, byGet, byWebSocket]) {
      expect((await send(params, custom)).errors).toMatchObject([
        { extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
      ])
      expect((await send({ ...params, query: VIEWER }, custom)).data).toEqual({ viewer: { sid } })
    }
    await custom.close()
  })
})
