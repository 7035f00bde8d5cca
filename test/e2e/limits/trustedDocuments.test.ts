import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { askByWebSocket } from '../../support/webSocket.ts'

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
const ROOMS = 'query Rooms($n: Int) { conferences(first: $n) { totalCount } }\n'
const TWO = 'query One { viewer { sid } } query Two { viewer { friendlyName } }'

let gateway: TestGateway
beforeAll(async () => {
  const path = file('documents.json', { [sha256(VIEWER)]: VIEWER, [`sha256:${sha256(ROOMS)}`]: ROOMS, 'its-name': TWO })
  gateway = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

type Door = (asked: Record<string, unknown>, of?: TestGateway) => Promise<Answer>

const byPost: Door = async (asked, of = gateway) => {
  const response = await fetch(of.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basic('conf137') },
    body: JSON.stringify(asked),
  })
  return (await response.json()) as Answer
}
const byGet: Door = async (asked, of = gateway) => {
  const parameters = Object.entries(asked).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const url = `${of.url}?${new URLSearchParams(parameters)}`
  return (await (await fetch(url, { headers: { authorization: basic('conf137') } })).json()) as Answer
}
const byWebSocket: Door = (asked, of = gateway) => askByWebSocket(of, { query: '', ...asked })

const sid = accountOf('conf137').sid

describe.each([
  ['POST', byPost],
  ['GET', byGet],
  ['WebSocket', byWebSocket],
])('of trusted documents, asked by %s,', (_door, ask) => {
  it.each([
    ['documentId', { documentId: `sha256:${sha256(VIEWER)}` }],
    ['documentId without the name of the hash', { documentId: sha256(VIEWER) }],
    ['doc_id', { doc_id: sha256(VIEWER) }],
    ['id', { id: sha256(VIEWER) }],
    ['extensions', { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(VIEWER) } } }],
    ['its text', { query: VIEWER }],
    ['its text and its hash', { query: VIEWER, extensions: { persistedQuery: { sha256Hash: sha256(VIEWER) } } }],
    ['its text with other space around it', { query: `\n${VIEWER}\n` }],
  ])('one is run by %s', async (_how, asked) => {
    expect(await ask(asked)).toEqual({ data: { viewer: { sid } } })
  })

  it('one has its variables, and its operations their names', async () => {
    const rooms = await ask({ documentId: sha256(ROOMS), variables: { n: 1 } })
    expect(rooms.data.conferences.totalCount).toBe(137)
    const two = await ask({ documentId: 'its-name', operationName: 'Two' })
    expect(two.data.viewer).toHaveProperty('friendlyName')
  })

  it.each([
    ['another text', '{ viewer { sid friendlyName } }'],
    ['a text that is no GraphQL', '{'],
    ['a mutation', 'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }'],
    ['a router’s question', '{ _service { sdl } }'],
    ['the schema', '{ __schema { queryType { name } } }'],
  ])('%s is refused, and nothing is sent', async (_what, query) => {
    for (const extensions of [undefined, { persistedQuery: { sha256Hash: sha256(VIEWER) } }]) {
      const { data, errors } = await ask({ query, ...(extensions && { extensions }) })
      expect(data).toBeUndefined()
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining('TRUSTED_DOCUMENTS'),
          extensions: { code: 'DOCUMENT_NOT_TRUSTED', requestId: expect.any(String) },
        },
      ])
    }
    expect(gateway.asked()).toEqual([])
  })

  it.each([
    { documentId: sha256('{ viewer { sid } }') },
    { id: 'constructor' },
    { extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } },
  ])('an id that is of none is not found: %j', async asked => {
    const { data, errors } = await ask(asked)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', requestId: expect.any(String) } }])
    expect(gateway.asked()).toEqual([])
  })
})

describe('trusted documents', () => {
  it('that are not found are a 404', async () => {
    const body = JSON.stringify({ documentId: 'x' })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(gateway.url, { method: 'POST', headers, body })).status).toBe(404)
  })

  it('by WebSocket may be subscriptions, over and over', async () => {
    const path = file('subscription.json', {
      s: 'subscription ($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }',
    })
    const own = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
    const { rows } = own.sandbox
    const room = rows.addConference({ account_sid: sid, status: 'RUNNING_MODERATOR_PRESENT' }).sid
    const id = idOf('Conference', sid, room)
    for (let i = 0; i < 2; i++) {
      const { data } = await byWebSocket({ id: 's', variables: { id } }, own)
      expect(data.conferenceEvents.__typename).toBe('ConferenceSnapshot')
    }
    await own.close()
  })

  it('may be answered in parts, and are subscriptions, beside an empty `query` as well', async () => {
    const path = file('parts.json', {
      deferred: '{ viewer { sid ... @defer { friendlyName } } conferences { nodes @stream(initialCount: 1) { sid } } }',
      live: 'subscription { conferencesChanged { sid } }',
    })
    const own = await startGateway({ env: { TRUSTED_DOCUMENTS: path } })
    for (const [id, accept, query] of [
      ['deferred', 'multipart/mixed, application/json', undefined],
      ['deferred', 'multipart/mixed, application/json', ''],
      ['live', 'text/event-stream, application/json', undefined],
      ['live', 'text/event-stream, application/json', ''],
    ] as const) {
      const headers = { 'content-type': 'application/json', accept, authorization: basic('conf137') }
      const response = await fetch(own.url, { method: 'POST', headers, body: JSON.stringify({ id, query }) })
      expect(response.headers.get('content-type')).toMatch(accept.split(',')[0] ?? '')
      await response.body?.cancel()
    }
    await own.close()
  })

  it('are subject to the limits that depend on variables', async () => {
    const path = file('cost.json', { [sha256(ROOMS)]: ROOMS })
    const own = await startGateway({ env: { TRUSTED_DOCUMENTS: path, MAX_QUERY_COST: '10' } })
    const codes = [10, 11].map(
      async n => (await byPost({ id: sha256(ROOMS), variables: { n } }, own)).errors?.[0]?.extensions?.code,
    )
    expect(await Promise.all(codes)).toEqual([undefined, 'QUERY_TOO_COSTLY'])
    await own.close()
  })

  const sources: [string, () => string][] = [
    [
      'Apollo’s manifest',
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
        file('folder/notes.txt', 'No query.')
        file('folder/below/viewer.graphql', VIEWER)
        return join(folder, 'folder')
      },
    ],
  ]
  it.each(sources)('come from %s as well', async (_what, make) => {
    const own = await startGateway({ env: { TRUSTED_DOCUMENTS: make() } })
    expect((await byPost({ documentId: sha256(VIEWER) }, own)).data).toEqual({ viewer: { sid } })
    expect((await byPost({ query: '{ __typename }' }, own)).errors).toMatchObject([
      { extensions: { code: 'DOCUMENT_NOT_TRUSTED' } },
    ])
    await own.close()
  })

  const streaming = (selection: string): string => `{ conferences(first: 2) { ${selection} } }`
  const CIRCLE = Array.from(
    { length: 300 },
    (_, i) => `fragment F${i} on Account { ...F${(i + 1) % 300} ...F${(i + 2) % 300} }`,
  ).join(' ')

  it.each([
    ['is not there', () => join(folder, 'nowhere'), /^TRUSTED_DOCUMENTS: there is no .*nowhere\.$/],
    ['is not JSON', () => file('a.json', '{'), /a\.json is not JSON\.$/],
    [
      'is something else',
      () => file('b.json', [VIEWER]),
      /b\.json has neither documents by their ids nor a manifest\.$/,
    ],
    ['has what is no text', () => file('c.json', { x: 5 }), /in .*c\.json, x is not a document\.$/],
    ['is empty', () => file('d.json', {}), /there is no document in .*d\.json\.$/],
    ['has what is not GraphQL', () => file('e.json', { x: '{' }), /x is not GraphQL: Syntax Error: .*\.$/],
    ['has no operation', () => file('f.json', { x: 'fragment A on Query { __typename }' }), /x has no operation\.$/],
    [
      'does not fit the schema',
      () => file('g.json', { x: '{ nothing }' }),
      /x cannot be run: Cannot query field "nothing" on type "Query"\.$/,
    ],
    [
      'streams one field in two ways',
      () => file('i.json', { x: streaming('edges @stream { cursor } edges @stream(initialCount: 1) { cursor }') }),
      /x cannot be run: Fields "edges" conflict because they have differing stream directives\..*\.$/,
    ],
    [
      'streams from an element on that is none',
      () => file('j.json', { x: streaming('edges @stream(initialCount: -1) { cursor }') }),
      /x cannot be run: `initialCount` of `@stream` is -1, and must be 0 or more\.$/,
    ],
    [
      'streams what is no list',
      () => file('k.json', { x: streaming('pageInfo @stream { endCursor }') }),
      /x cannot be run: Stream directive cannot be used on non-list field .*\.$/,
    ],
    [
      'has one label twice',
      () =>
        file('l.json', { x: streaming('... @defer(label: "a") { totalCount } ... @defer(label: "a") { totalCount }') }),
      /x cannot be run: Defer\/Stream directive label argument must be unique\.$/,
    ],
    [
      'spreads fragments in a circle that nothing can follow',
      () => file('m.json', { x: `{ viewer { ...F0 } } ${CIRCLE}` }),
      /x cannot be run: .*\.$/,
    ],
    [
      'is beyond the limits',
      () => file('h.json', { x: `{ viewer { ${Array.from({ length: 201 }, (_, i) => `a${i}: sid`).join(' ')} } }` }),
      /x cannot be run: .*MAX_QUERY_ALIASES\)\.$/,
    ],
  ] as const)('that %s end the start with a sentence', async (_what, make, sentence) => {
    await expect(startGateway({ env: { TRUSTED_DOCUMENTS: make() } })).rejects.toThrow(sentence)
  })
})

describe('without trusted documents', () => {
  it('a hash alone is not supported, in the words by which Apollo’s client sends the text', async () => {
    const own = await startGateway()
    const asked = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(VIEWER) } } }
    for (const ask of [byPost, byGet, byWebSocket]) {
      expect((await ask(asked, own)).errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }])
      expect((await ask({ ...asked, query: VIEWER }, own)).data).toEqual({ viewer: { sid } })
    }
    await own.close()
  })
})
