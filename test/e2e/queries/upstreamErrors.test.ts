import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Interception } from '../../../src/sandbox/index.ts'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  // What is kept from before would answer where the upstream fails.
  const env = { RESTCOMM_TIMEOUT_MS: '400', RESTCOMM_MAX_BODY_BYTES: '20000', CACHE_MAX_BYTES: '0' }
  gateway = await startGateway({ env })
})
beforeEach(() => {
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})
afterAll(() => gateway.close())

const sid = conferenceOf('conf1/000')
const CONFERENCE = `{ conference(sid: "${sid}") { sid } }`
const ask = (query = CONFERENCE) => gateway.query(query, { as: 'conf1' })
const answering = (interception: Interception) => gateway.sandbox.intercept(() => interception)
const row = (members: object) => ({
  status: 200,
  body: JSON.stringify({
    sid,
    date_created: 'Tue, 31 May 2016 16:15:51 +0300',
    date_updated: 'Tue, 31 May 2016 16:15:51 +0300',
    account_sid: accountOf('conf1').sid,
    status: 'COMPLETED',
    api_version: '2012-04-24',
    uri: '/x',
    ...members,
  }),
})

describe('an upstream', () => {
  it.each([
    ['that answers 500', { status: 500 }, 'UPSTREAM_UNAVAILABLE'],
    ['that answers 503', { status: 503, body: '<html>secret</html>' }, 'UPSTREAM_UNAVAILABLE'],
    ['that answers 429', { status: 429 }, 'UPSTREAM_UNAVAILABLE'],
    ['that redirects', { status: 302, headers: { location: 'http://elsewhere/' } }, 'UPSTREAM_UNAVAILABLE'],
    ['that resets the connection', 'reset', 'UPSTREAM_UNAVAILABLE'],
    ['that never answers', 'hang', 'UPSTREAM_TIMEOUT'],
    ['that answers an HTML page', { status: 200, body: '<html>secret</html>' }, 'UPSTREAM_MALFORMED'],
    ['that breaks off', { ...row({}), cut: 100 }, 'UPSTREAM_UNAVAILABLE'],
    ['that answers cut-off JSON', { status: 200, body: '{"sid": "CF' }, 'UPSTREAM_MALFORMED'],
    ['that answers an array', { status: 200, body: '[]' }, 'UPSTREAM_MALFORMED'],
    ['that answers null', { status: 200, body: 'null' }, 'UPSTREAM_MALFORMED'],
    ['that answers too much', { status: 200, body: ' '.repeat(20_001) }, 'UPSTREAM_MALFORMED'],
  ] as const)('%s is one error with a code', async (_what, interception, code) => {
    answering(interception as Interception)
    const { data, errors } = await ask()
    expect(data).toEqual({ conference: null })
    expect(errors).toMatchObject([{ path: ['conference'], extensions: { code, requestId: expect.any(String) } }])
    expect(JSON.stringify(errors)).not.toMatch(/secret|127\.0\.0\.1|elsewhere|Basic/)
  })

  it.each([
    ['sid', { sid: 'CF1' }, 'Restcomm sent a conference whose sid is not the SID of a conference.'],
    ['sid', { sid: undefined }, 'Restcomm sent a conference whose sid is not a text.'],
    ['account_sid', { account_sid: 5 }, 'Restcomm sent a conference whose account_sid is not a text.'],
    ['status', { status: null }, 'Restcomm sent a conference whose status is not a text.'],
    ['friendly_name', { friendly_name: {} }, 'Restcomm sent a conference whose friendly_name is not a text.'],
    ['date_created', { date_created: 'yesterday' }, 'Restcomm sent a conference whose date_created is not a date.'],
    [
      'date_updated',
      { date_updated: 'Tue, 31 Feb 2016 16:15:51 +0300' },
      'Restcomm sent a conference whose date_updated is not a date.',
    ],
    ['uri', { uri: undefined }, 'Restcomm sent a conference whose uri is not a text.'],
  ])('that sends a wrong %s is UPSTREAM_MALFORMED, and the message names it', async (_field, members, message) => {
    answering(row(members))
    expect((await ask()).errors).toMatchObject([{ message, extensions: { code: 'UPSTREAM_MALFORMED' } }])
  })

  it('that sends members nobody knows is read all the same', async () => {
    answering(row({ master_ms_id: 7, friendly_name: null }))
    const { data, errors } = await ask(`{ conference(sid: "${sid}") { friendlyName dateCreated } }`)
    expect(errors).toBeUndefined()
    expect(data.conference).toEqual({ friendlyName: null, dateCreated: '2016-05-31T16:15:51+03:00' })
  })

  it('that is not there is UPSTREAM_UNAVAILABLE', async () => {
    const port = await new Promise<number>(resolve => {
      const server = createServer().listen(0, () => {
        const { port } = server.address() as AddressInfo
        server.close(() => resolve(port))
      })
    })
    const nowhere = await startGateway({ restcommUrl: `http://127.0.0.1:${port}/restcomm` })
    const { errors } = await nowhere.query(CONFERENCE)
    expect(errors).toMatchObject([
      { message: 'Restcomm cannot be reached.', extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    expect(JSON.stringify(errors)).not.toContain(String(port))
    await nowhere.close()
  })

  it('that fails for a part leaves the rest as it arrived', async () => {
    gateway.sandbox.intercept(({ path }) => (path.endsWith(sid) ? { status: 502 } : undefined))
    const { data, errors } = await ask(`{ viewer { sid } conference(sid: "${sid}") { sid } }`)
    expect(data).toEqual({ viewer: { sid: accountOf('conf1').sid }, conference: null })
    expect(errors).toHaveLength(1)
  })

  it('whose lists answer 500 now and then, as Connect does, is asked again', async () => {
    const fresh = await startGateway()
    let failures = 2
    fresh.sandbox.intercept(() => (failures-- > 0 ? { status: 500 } : undefined))
    const { data, errors } = await fresh.query('{ conferences { nodes { sid } } }', { as: 'conf1' })
    expect(errors).toBeUndefined()
    expect(data.conferences.nodes).toEqual([{ sid }])
    await fresh.close()
  })
})

it('the own account is not unknown because Restcomm failed to answer for it by its SID, where it logs in by e-mail', async () => {
  const { sid: own, password } = accountOf('conf1')
  gateway.sandbox.intercept(({ path }) => (path.endsWith(own) ? { status: 500 } : undefined))
  const as = { user: 'conf1@example.com', password }
  const { data, errors } = await gateway.query('{ viewer { sid friendlyName } }', { as })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ viewer: { sid: own, friendlyName: 'conf1' } })
})

describe('what is no Restcomm', () => {
  it('is UPSTREAM_UNAVAILABLE, and neither the caller’s mistake nor the gateway’s', async () => {
    answering({ status: 404 })
    for (const query of ['{ viewer { sid } }', '{ conferences { totalCount } }', '{ conferences { nodes { sid } } }']) {
      expect((await ask(query)).errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    }
  })

  it('and sends pages without end is given up', async () => {
    const rows = Array.from({ length: 1_004 }, (_, i) => ({
      ...JSON.parse(row({}).body),
      sid: `CF${String(i).padStart(32, '0')}`,
    }))
    const endless = await startGateway({ env: { RESTCOMM_MAX_BODY_BYTES: '10000000' } })
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

describe('a client that goes away', () => {
  it('stops what only it was waiting for', async () => {
    gateway.sandbox.intercept(async () => {
      await new Promise(resolve => setTimeout(resolve, 150))
      return undefined
    })
    const controller = new AbortController()
    const request = fetch(gateway.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('part') },
      body: JSON.stringify({ query: '{ conferences { nodes { participants { totalCount } } } }' }),
    })
    setTimeout(() => controller.abort(), 60)
    await expect(request).rejects.toThrow()
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(gateway.sandbox.requests).toHaveLength(1)
  })
})

it.each(['variables={', 'extensions=nope', 'variables=%zz'])('a GET with %s is a 400 that says so', async parameter => {
  const response = await fetch(`${gateway.url}?query={__typename}&${parameter}`)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    errors: [
      {
        message: expect.stringContaining('is not JSON'),
        extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) },
      },
    ],
  })
})

describe('a malformed Host header', () => {
  it('is answered with 400, and without a stack trace', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.write('GET /graphql HTTP/1.1\r\nHost: a b c\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toContain('HTTP/1.1 400')
    expect(answer).not.toMatch(/at |node_modules/)
  })
})

describe('bad input', () => {
  it.each([
    ['a malformed ConferenceSid', '{ conference(sid: "CF1") { sid } }'],
    ['a SID of another kind', `{ conference(sid: "${accountOf('conf1').sid}") { sid } }`],
    ['a malformed AccountSid', '{ account(sid: "x") { sid } }'],
    ['a SID that hides a path', '{ account(sid: "../../etc") { sid } }'],
    ['a date that does not exist', '{ conferences(filter: { createdOnOrAfter: "2019-02-30" }) { totalCount } }'],
    ['a date of another form', '{ conferences(filter: { createdOnOrAfter: "2019-2-3" }) { totalCount } }'],
    ['first and last', '{ conferences(first: 1, last: 1) { totalCount } }'],
    ['a negative page', '{ conferences(first: -1) { totalCount } }'],
    ['a page too large', '{ conferences(first: 501) { totalCount } }'],
    ['a garbage cursor, even where no row is asked for', '{ conferences(after: "garbage") { totalCount } }'],
    ['the status UNKNOWN', '{ conferences(filter: { status: UNKNOWN }) { totalCount } }'],
  ])('such as %s is BAD_USER_INPUT, and nothing is sent', async (_what, query) => {
    const { errors } = await ask(query)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.asked()).toEqual([])
  })

  it('in a variable is BAD_USER_INPUT as well', async () => {
    const { errors } = await gateway.query('query ($sid: ConferenceSid!) { conference(sid: $sid) { sid } }', {
      variables: { sid: 'CF1' },
    })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(gateway.asked()).toEqual([])
  })

  it('a list of an account that does not exist is BAD_USER_INPUT', async () => {
    const { errors } = await ask(`{ conferences(accountSid: "AC${'0'.repeat(32)}") { totalCount } }`)
    expect(errors).toMatchObject([{ message: 'There is no such account.', extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('a request id', () => {
  const post = (headers: Record<string, string>, query: string) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf1'), ...headers },
      body: JSON.stringify({ query }),
    })

  it('is in the header, the error, the log and the upstream request, and is the client’s own where it sent one', async () => {
    answering({ status: 502 })
    const response = await post({ 'x-request-id': 'my-request.1' }, CONFERENCE)
    expect(response.headers.get('x-request-id')).toBe('my-request.1')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { requestId: 'my-request.1' } }] })
    expect(gateway.logged.some(line => line.includes('"requestId":"my-request.1"'))).toBe(true)
  })

  it('is a new one where the client’s does not belong in a log', async () => {
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

  it('of an answer without data is that of its error, for clients that know what that means', async () => {
    expect(await statusFor(GRAPHQL, null, '{ viewer { sid } }')).toBe(401)
    answering({ status: 502 })
    expect(await statusFor(GRAPHQL, basic('conf1'), '{ viewer { sid } }')).toBe(502)
    answering('hang')
    expect(await statusFor(GRAPHQL, basic('conf1'), '{ viewer { sid } }')).toBe(504)
  })

  it('is 200 for clients that accept application/json, and where some of the data arrived', async () => {
    expect(await statusFor('application/json', null, '{ viewer { sid } }')).toBe(200)
    expect(await statusFor(GRAPHQL, null, `{ __typename conference(sid: "${sid}") { sid } }`)).toBe(200)
  })
})

it('nothing that was logged holds a token', () => {
  expect(gateway.logged.length).toBeGreaterThan(10)
  const log = gateway.logged.join('')
  for (const label of ['conf1', 'conf137']) {
    expect(log).not.toContain(accountOf(label).password)
    expect(log).not.toContain(basic(label).slice('Basic '.length))
  }
})
