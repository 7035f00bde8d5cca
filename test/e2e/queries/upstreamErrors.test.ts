import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Interception } from '../../../src/sandbox/index.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdResponses } from '../../support/holdResponses.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
beforeAll(async () => {
  // A cached conference would hide a failing upstream.
  const env = { RESTCOMM_TIMEOUT_MS: '400', CACHE_MAX_BYTES: '0' }
  gateway = await startGateway({ env, config: { restcomm: { maxBodyBytes: 20_000 } } })
})
beforeEach(() => {
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})
afterAll(() => gateway.close())

const sid = conferenceOf('conf1/000')
const CONFERENCE = `{ conference(sid: "${sid}") { sid } }`
const runQuery = (query = CONFERENCE) => gateway.query(query, { as: 'conf1' })
const respondWith = (interception: Interception) => gateway.sandbox.intercept(() => interception)
const conferenceResponse = (fields: object) => ({
  status: 200,
  body: JSON.stringify({
    sid,
    date_created: 'Tue, 31 May 2016 16:15:51 +0300',
    date_updated: 'Tue, 31 May 2016 16:15:51 +0300',
    account_sid: accountOf('conf1').sid,
    status: 'COMPLETED',
    api_version: '2012-04-24',
    uri: '/x',
    ...fields,
  }),
})

describe('upstream errors', () => {
  it.each([
    ['responds with 500', { status: 500 }, 'UPSTREAM_UNAVAILABLE'],
    ['responds with 503', { status: 503, body: '<html>secret</html>' }, 'UPSTREAM_UNAVAILABLE'],
    ['responds with 429', { status: 429 }, 'UPSTREAM_UNAVAILABLE'],
    ['responds with a redirect', { status: 302, headers: { location: 'http://elsewhere/' } }, 'UPSTREAM_UNAVAILABLE'],
    ['resets the connection', 'reset', 'UPSTREAM_UNAVAILABLE'],
    ['never responds', 'hang', 'UPSTREAM_TIMEOUT'],
    ['responds with HTML', { status: 200, body: '<html>secret</html>' }, 'UPSTREAM_MALFORMED'],
    ['closes the connection within the body', { ...conferenceResponse({}), cut: 100 }, 'UPSTREAM_UNAVAILABLE'],
    ['responds with truncated JSON', { status: 200, body: '{"sid": "CF' }, 'UPSTREAM_MALFORMED'],
    ['responds with an array', { status: 200, body: '[]' }, 'UPSTREAM_MALFORMED'],
    ['responds with null', { status: 200, body: 'null' }, 'UPSTREAM_MALFORMED'],
    ['exceeds the maximum size', { status: 200, body: ' '.repeat(20_001) }, 'UPSTREAM_MALFORMED'],
  ] as const)(
    'an upstream that %s causes one error with a code, without upstream details',
    async (_label, interception, code) => {
      respondWith(interception as Interception)
      const { data, errors } = await runQuery()
      expect(data).toEqual({ conference: null })
      expect(errors).toMatchObject([{ path: ['conference'], extensions: { code, requestId: expect.any(String) } }])
      expect(JSON.stringify(errors)).not.toMatch(/secret|127\.0\.0\.1|elsewhere|Basic/)
    },
  )

  it.each([
    ['sid', { sid: 'CF1' }, 'a conference'],
    ['sid', { sid: undefined }, 'a conference'],
    ['account_sid', { account_sid: 5 }, 'an account'],
  ])(
    'a conference with an invalid %s is UPSTREAM_MALFORMED, with the field name in the message',
    async (field, fields, owner) => {
      respondWith(conferenceResponse(fields))
      const { data, errors } = await runQuery()
      expect(data).toEqual({ conference: null })
      const message = `Restcomm returned a conference with an invalid \`${field}\`: expected the SID of ${owner}.`
      expect(errors).toMatchObject([{ message, path: ['conference'], extensions: { code: 'UPSTREAM_MALFORMED' } }])
    },
  )

  it.each([
    ['statusText', 'status', { status: null }, 'a string'],
    ['status', 'status', { status: null }, 'a string'],
    ['isRunning', 'status', { status: null }, 'a string'],
    ['friendlyName', 'friendly_name', { friendly_name: {} }, 'a string'],
    ['dateCreated', 'date_created', { date_created: 'yesterday' }, 'a date'],
    ['dateUpdated', 'date_updated', { date_updated: 'Tue, 31 Feb 2016 16:15:51 +0300' }, 'a date'],
    ['apiVersion', 'api_version', { api_version: undefined }, 'a string'],
    ['uri', 'uri', { uri: undefined }, 'a string'],
  ])(
    'an invalid %s of a conference is null with an error that names the member %s, only if selected',
    async (field, member, fields, expected) => {
      respondWith(conferenceResponse(fields))
      const { data, errors } = await runQuery(`{ conference(sid: "${sid}") { sid ${field} } }`)
      expect(data).toEqual({ conference: { sid, [field]: null } })
      const message = `Restcomm returned a conference with an invalid \`${member}\`: expected ${expected}.`
      expect(errors).toMatchObject([
        { message, path: ['conference', field], extensions: { code: 'UPSTREAM_MALFORMED' } },
      ])
      expect(errors).toHaveLength(1)
      expect(await runQuery()).toEqual({ data: { conference: { sid } } })
    },
  )

  it('unknown fields of an upstream response are ignored', async () => {
    respondWith(conferenceResponse({ master_ms_id: 7, friendly_name: null }))
    const { data, errors } = await runQuery(`{ conference(sid: "${sid}") { friendlyName dateCreated } }`)
    expect(errors).toBeUndefined()
    expect(data.conference).toEqual({ friendlyName: null, dateCreated: '2016-05-31T13:15:51Z' })
  })

  it('an unreachable upstream is UPSTREAM_UNAVAILABLE, without the port in the error', async () => {
    const port = await new Promise<number>(resolve => {
      const server = createServer().listen(0, () => {
        const { port } = server.address() as AddressInfo
        server.close(() => resolve(port))
      })
    })
    const disconnected = await startGateway({ restcommUrl: `http://127.0.0.1:${port}/restcomm` })
    const { errors } = await disconnected.query(CONFERENCE)
    expect(errors).toMatchObject([
      {
        message: 'Restcomm cannot be reached, because the connection failed or was closed: check RESTCOMM_URL.',
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ])
    expect(JSON.stringify(errors)).not.toContain(String(port))
    await disconnected.close()
  })

  it('a failed upstream request is null at the affected field, and other fields are returned', async () => {
    gateway.sandbox.intercept(({ path }) => (path.endsWith(sid) ? { status: 502 } : undefined))
    const { data, errors } = await runQuery(`{ viewer { sid } conference(sid: "${sid}") { sid } }`)
    expect(data).toEqual({ viewer: { sid: accountOf('conf1').sid }, conference: null })
    expect(errors).toHaveLength(1)
  })

  it('a list is read again after 500 responses, which Connect sends now and then', async () => {
    const fresh = await startGateway()
    let failures = 2
    fresh.sandbox.intercept(() => (failures-- > 0 ? { status: 500 } : undefined))
    const { data, errors } = await fresh.query('{ conferences { nodes { sid } } }', { as: 'conf1' })
    expect(errors).toBeUndefined()
    expect(data.conferences.nodes).toEqual([{ sid }])
    await fresh.close()
  })
})

it('the viewer of e-mail credentials is returned although the lookup by account SID fails with 500', async () => {
  const { sid: accountSid, password } = accountOf('conf1')
  gateway.sandbox.intercept(({ path }) => (path.endsWith(accountSid) ? { status: 500 } : undefined))
  const as = { user: 'conf1@example.com', password }
  const { data, errors } = await gateway.query('{ viewer { sid friendlyName } }', { as })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ viewer: { sid: accountSid, friendlyName: 'conf1' } })
})

describe('a server other than Restcomm', () => {
  it('a server that responds with 404 to every request is UPSTREAM_UNAVAILABLE', async () => {
    respondWith({ status: 404 })
    for (const query of ['{ viewer { sid } }', '{ conferences { totalCount } }', '{ conferences { nodes { sid } } }']) {
      expect((await runQuery(query)).errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    }
  })

  it('a server that responds with 404 is UPSTREAM_UNAVAILABLE for a filter that needs the dialect of the server', async () => {
    const unknown = await startGateway()
    onTestFinished(() => unknown.close())
    unknown.sandbox.intercept(() => ({ status: 404 }))
    const { errors } = await unknown.query('{ conferences(filter: { limit: 7 }) { totalCount } }', { as: 'conf1' })
    expect(errors).toMatchObject([
      { message: expect.stringContaining('RESTCOMM_URL'), extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    expect(unknown.sandbox.requests).toHaveLength(1)
  })

  it('a server with endless list pages is UPSTREAM_MALFORMED after fewer than 60 requests', async () => {
    const rows = Array.from({ length: 1_004 }, (_, i) => ({
      ...JSON.parse(conferenceResponse({}).body),
      sid: `CF${String(i).padStart(32, '0')}`,
    }))
    const endless = await startGateway({ config: { restcomm: { maxBodyBytes: 10_000_000 } } })
    endless.sandbox.intercept(({ path }) => {
      const size = Number(/PageSize=(\d+)/.exec(path)?.[1])
      return { status: 200, body: JSON.stringify({ conferences: rows.slice(0, size) }) }
    })
    const { errors } = await endless.query('{ conferences(first: 2) { totalCount } }', { as: 'conf1' })
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_MALFORMED' } }])
    expect(endless.sandbox.requests.length).toBeLessThan(60)
    await endless.close()
  })
})

describe('a client disconnect', () => {
  it('a client disconnect stops further upstream requests of the query', async () => {
    const slow = await startGateway()
    onTestFinished(() => slow.close())
    const { release, heldRequests } = holdResponses(slow)
    const controller = new AbortController()
    const request = fetch(slow.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('part') },
      body: JSON.stringify({ query: '{ conferences { nodes { participants { totalCount } } } }' }),
    })
    await waitUntil(() => heldRequests() > 0, 'the first request is sent')
    controller.abort()
    await expect(request).rejects.toThrow()
    release()
    const isLogged = () => slow.logged.some(line => line.includes('"outcome":"cancelled"'))
    await waitUntil(isLogged, 'the gateway has ended the operation')
    expect(slow.sandbox.requests).toHaveLength(1)
  })
})

it.each(['variables={', 'extensions=nope', 'variables=%zz'])(
  'a GET with invalid JSON in a parameter is a 400 with the reason: %s',
  async parameter => {
    const response = await fetch(`${gateway.url}?query={__typename}&${parameter}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('is not valid JSON'),
          extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) },
        },
      ],
    })
  },
)

describe('a malformed Host header', () => {
  it('a malformed Host header is rejected with 400, without a stack trace', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.write('GET /graphql HTTP/1.1\r\nHost: a b c\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toContain('HTTP/1.1 400')
    expect(answer).not.toMatch(/at |node_modules/)
  })
})

describe('invalid input', () => {
  it.each([
    ['a malformed ConferenceSid', '{ conference(sid: "CF1") { sid } }'],
    ['a SID of a different type', `{ conference(sid: "${accountOf('conf1').sid}") { sid } }`],
    ['a malformed AccountSid', '{ account(sid: "x") { sid } }'],
    ['a SID with a path traversal', '{ account(sid: "../../etc") { sid } }'],
    ['a non-existent date', '{ conferences(filter: { createdOnOrAfter: "2019-02-30" }) { totalCount } }'],
    ['a date in a different format', '{ conferences(filter: { createdOnOrAfter: "2019-2-3" }) { totalCount } }'],
    ['first together with last', '{ conferences(first: 1, last: 1) { totalCount } }'],
    ['a negative page size', '{ conferences(first: -1) { totalCount } }'],
    ['a page size above the maximum', '{ conferences(first: 501) { totalCount } }'],
    ['an invalid cursor, even with totalCount only', '{ conferences(after: "garbage") { totalCount } }'],
    ['a filter for status UNKNOWN', '{ conferences(filter: { status: UNKNOWN }) { totalCount } }'],
  ])('%s is BAD_USER_INPUT, without an upstream request', async (_label, query) => {
    const { errors } = await runQuery(query)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('a malformed SID in a variable is BAD_USER_INPUT, without an upstream request', async () => {
    const { errors } = await gateway.query('query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', {
      variables: { sid: 'CF1' },
    })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('the conferences of an unknown account are BAD_USER_INPUT', async () => {
    const { errors } = await runQuery(`{ conferences(accountSid: "AC${'0'.repeat(32)}") { totalCount } }`)
    expect(errors).toMatchObject([
      { message: `Account AC${'0'.repeat(32)} does not exist.`, extensions: { code: 'BAD_USER_INPUT' } },
    ])
  })
})

describe('the request ID', () => {
  const post = (headers: Record<string, string>, query: string) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf1'), ...headers },
      body: JSON.stringify({ query }),
    })

  it('the X-Request-Id of the client is in the response header, the error and the log', async () => {
    respondWith({ status: 502 })
    const response = await post({ 'x-request-id': 'my-request.1' }, CONFERENCE)
    expect(response.headers.get('x-request-id')).toBe('my-request.1')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { requestId: 'my-request.1' } }] })
    expect(gateway.logged.some(line => line.includes('"requestId":"my-request.1"'))).toBe(true)
  })

  it('an X-Request-Id with unsafe characters is replaced with a UUID', async () => {
    const response = await post({ 'x-request-id': 'a b"c' }, '{ __typename }')
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('the HTTP status', () => {
  const statusFor = async (accept: string, authorization: string | null, query: string) => {
    const headers = { 'content-type': 'application/json', accept, ...(authorization && { authorization }) }
    return (await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) })).status
  }
  const GRAPHQL = 'application/graphql-response+json'

  it.each([GRAPHQL, 'application/json'])('the HTTP status is 401 without credentials with Accept: %s', async accept => {
    expect(await statusFor(accept, null, '{ viewer { sid } }')).toBe(401)
    expect(await statusFor(accept, null, `{ __typename conference(sid: "${sid}") { sid } }`)).toBe(401)
    expect(await statusFor(accept, null, '{ __typename }')).toBe(200)
  })

  it.each([{ status: 502 }, 'hang'] as const)('the HTTP status is 200 if a field fails with %j', async failure => {
    respondWith(failure)
    expect(await statusFor(GRAPHQL, basic('conf1'), '{ viewer { sid } }')).toBe(200)
  })
})

it('the log contains no credentials of clients', () => {
  expect(gateway.logged.length).toBeGreaterThan(10)
  const log = gateway.logged.join('')
  for (const label of ['conf1', 'conf137']) {
    expect(log).not.toContain(accountOf(label).password)
    expect(log).not.toContain(basic(label).slice('Basic '.length))
  }
})
