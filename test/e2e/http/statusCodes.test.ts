import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { changeRows } from '../../support/changeRows.ts'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.sandbox.intercept(null))
afterAll(() => gateway.close())

const JSON_TYPE = 'application/json'
const GRAPHQL = 'application/graphql-response+json'
const EVENTS = 'text/event-stream'
const MULTIPART = 'multipart/mixed'

interface TestResponse {
  readonly status: number
  readonly allow: string | null
  readonly text: string
}

const send = async (method: string, accept: string, { search = '', body }: { search?: string; body?: string }) => {
  const response = await fetch(`${gateway.url}${search}`, {
    method,
    headers: { accept, authorization: basic('conf137'), ...(body !== undefined && { 'content-type': JSON_TYPE }) },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, allow: response.headers.get('allow'), text: await response.text() } as TestResponse
}
const post = (accept: string, body: string) => send('POST', accept, { body })
const get = (accept: string, search: string) => send('GET', accept, { search })

describe.each([JSON_TYPE, GRAPHQL, EVENTS, MULTIPART, '*/*'])('invalid requests with `Accept: %s`', accept => {
  it.each([
    '{}',
    '{"query":null}',
    '{"variables":{}}',
    '{"query":1}',
    '{"query":{}}',
    '[]',
    'null',
    '5',
    '[{"query":"{ __typename }"}]',
    '{"query":"{ __typename }","variables":5}',
    '{"query":"{ __typename }","variables":[]}',
    '{"query":"{ __typename }","extensions":"x"}',
    '{"query":"{ __typename }","anything":1}',
    '{"query":"{ __typename } # @defer","anything":1}',
    '{"query":"{ __typename }","onError":"IGNORE"}',
  ])(`a POST with an invalid GraphQL request and \`Accept: ${accept}\` is a 400: %s`, async body => {
    const { status, text } = await post(accept, body)
    expect([status, text]).toEqual([400, expect.stringContaining('"code":"BAD_REQUEST"')])
  })

  it.each(['', '?', '?query=', '?variables={}', '?query={__typename}&variables=5', '?query={__typename}&variables=x'])(
    `a GET with an invalid GraphQL request and \`Accept: ${accept}\` is a 400: %j`,
    async search => {
      const { status, text } = await get(accept, search)
      expect([status, text]).toEqual([400, expect.stringContaining('"code":"BAD_REQUEST"')])
    },
  )
})

it.each([
  [JSON_TYPE, 200],
  [GRAPHQL, 400],
])('a syntax error or an invalid query with `Accept: %s` has the status %i', async (accept, code) => {
  for (const query of ['', '{', '{ nothing }', '{ nothing } # @defer']) {
    expect((await post(accept, JSON.stringify({ query }))).status).toBe(code)
  }
  expect((await get(accept, '?query={nothing}')).status).toBe(code)
})

describe.each([JSON_TYPE, GRAPHQL, EVENTS, '*/*', 'text/html', 'image/png'])('methods with `Accept: %s`', accept => {
  it.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])(
    `the method %s with \`Accept: ${accept}\` is a 405 with an Allow header`,
    async method => {
      const { status, allow, text } = await send(method, accept, { search: '?query={__typename}' })
      expect([status, allow]).toEqual([405, 'GET, POST'])
      if (method !== 'HEAD') expect(text).toContain('"code":"BAD_REQUEST"')
    },
  )
})

it.each([JSON_TYPE, GRAPHQL, EVENTS, '*/*'])(
  'a mutation by GET with `Accept: %s` is 405 and is not executed',
  async accept => {
    gateway.takeUpstreamRequests()
    const mutation = 'mutation{endConference(input:{conferenceId:"x"}){userErrors{code}}}'
    const { status, allow, text } = await get(accept, `?query=${encodeURIComponent(mutation)}`)
    expect([status, allow, text]).toEqual([405, 'POST', expect.stringContaining('"code":"BAD_REQUEST"')])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  },
)

describe('an executed operation has the status 200, whatever Restcomm returns', () => {
  const FAILURES: readonly (readonly [string, () => void])[] = [
    ['a malformed row', () => changeRows(gateway, '/', () => ({ sid: 1, date_created: 'yesterday', muted: 'often' }))],
    ['the status 401', () => gateway.sandbox.intercept(() => ({ status: 401 }))],
    ['the status 403', () => gateway.sandbox.intercept(() => ({ status: 403 }))],
    ['the status 404', () => gateway.sandbox.intercept(() => ({ status: 404 }))],
    ['the status 429', () => gateway.sandbox.intercept(() => ({ status: 429 }))],
    ['the status 502', () => gateway.sandbox.intercept(() => ({ status: 502 }))],
    ['a body that is not JSON', () => gateway.sandbox.intercept(() => ({ status: 200, body: '<html>' }))],
  ]
  const QUERIES = [
    '{ conferences(first: 5) { nodes { sid dateCreated } } }',
    '{ viewer { sid dateCreated } }',
    `{ conference(sid: "CF${'0'.repeat(32)}") { sid } nodes(ids: ["x"]) { id } }`,
    '{ conferences(first: 5) { nodes { sid } } } # @defer',
    'mutation { endConference(input: { conferenceId: "x" }) { userErrors { code } } }',
  ]

  it.each(FAILURES)('a query with each media type has the status 200 after %s', async (_failure, fail) => {
    for (const accept of [JSON_TYPE, GRAPHQL, MULTIPART, EVENTS]) {
      for (const query of QUERIES) {
        fail()
        const { status, text } = await post(accept, JSON.stringify({ query }))
        expect([accept, query, status, text]).toEqual([accept, query, 200, expect.stringContaining('"data"')])
      }
    }
  })

  it.each(FAILURES.slice(1))(
    'a subscription whose account cannot be read has the status 200 after %s',
    async (_failure, fail) => {
      for (const accept of [EVENTS, `${EVENTS}, ${GRAPHQL}`, `${EVENTS}, ${JSON_TYPE}`]) {
        fail()
        const response = await fetch(gateway.url, {
          method: 'POST',
          headers: {
            accept,
            authorization: `Basic ${btoa('somebody@example.com:secret')}`,
            'content-type': JSON_TYPE,
          },
          body: JSON.stringify({ query: 'subscription { accountEvents { __typename } }' }),
        })
        const text = await response.text()
        expect([accept, response.status, text]).toEqual([accept, 200, expect.stringContaining('"errors"')])
        expect(response.headers.get('www-authenticate')).toBeNull()
      }
    },
  )
})
