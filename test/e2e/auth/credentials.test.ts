import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, basicOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

const VIEWER = '{ viewer { sid } }'
const conf137 = accountOf('conf137')

describe('Basic credentials of the request', () => {
  it('Basic credentials go upstream and limit the visible data', async () => {
    expect((await gateway.query(VIEWER)).data.viewer.sid).toBe(conf137.sid)
    expect(gateway.sandbox.requests.map(request => request.account)).toEqual([conf137.sid])
  })

  it.each(['first: -1', 'first: 1, last: 1', 'filter: { status: UNKNOWN }'])(
    'a user error is not sent upstream for Basic credentials with an e-mail address: %s',
    async args => {
      const ownGateway = await startGateway()
      const as = { user: 'conf137@example.com', password: conf137.password }
      const { errors } = await ownGateway.query(`{ conferences(${args}) { totalCount } }`, { as })
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
      expect(ownGateway.takeUpstreamRequests()).toEqual([])
      await ownGateway.close()
    },
  )

  it('Basic credentials can name the account by e-mail address, resolved once', async () => {
    const as = { user: 'conf137@example.com', password: conf137.password }
    for (let i = 0; i < 2; i++) {
      const { data } = await gateway.query('{ conferences(first: 1) { nodes { accountSid } } }', { as })
      expect(data.conferences.nodes[0].accountSid).toBe(conf137.sid)
    }
    expect(
      gateway.takeUpstreamRequests().filter(request => request === 'GET Accounts/conf137%40example.com'),
    ).toHaveLength(1)
  })

  it('an account resolved from an e-mail address needs no existence check after a 500', async () => {
    onTestFinished(() => gateway.sandbox.intercept(null))
    const as = { user: 'conf137@example.com', password: conf137.password }
    await gateway.query(VIEWER, { as })
    gateway.sandbox.clearRequests()
    gateway.sandbox.intercept(({ path }) => (path.includes('/Conferences') ? { status: 500 } : undefined))
    const { errors } = await gateway.query('{ conferences { nodes { sid } } }', { as })
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    // The gateway skips the existence check of the account.
    expect(gateway.takeUpstreamRequests().filter(request => !request.includes('/Conferences'))).toEqual([])
  })

  it('Basic credentials with a wrong token are UNAUTHENTICATED, also after a use with the correct token', async () => {
    for (const user of [conf137.sid, 'conf137@example.com']) {
      const { data, errors } = await gateway.query(VIEWER, { as: { user, password: 'wrong' } })
      expect(data).toEqual({ viewer: null })
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' }, path: ['viewer'] }])
    }
  })

  it.each(['closed', 'suspended', 'inactive'])('Basic credentials of a %s account are FORBIDDEN', async label => {
    expect((await gateway.query(VIEWER, { as: label })).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('rejected Basic credentials stop the remaining upstream requests of the query', async () => {
    const narrow = await startGateway({ env: { RESTCOMM_CONNECTIONS: '8' } })
    onTestFinished(() => narrow.close())
    const { sid } = accountOf('part')
    const aliases = Array.from(
      { length: 100 },
      (_, i) => `a${i}: conference(accountSid: "${sid}", sid: "CF${String(i).padStart(32, '0')}") { sid }`,
    )
    const as = { user: sid, password: 'wrong' }
    const { errors = [] } = await narrow.query(`{ ${aliases.join(' ')} }`, { as })
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(aliases.map(() => 'UNAUTHENTICATED'))
    // The requests in flight at the first rejection, and the requests already assigned to a connection.
    expect(narrow.sandbox.requests.length).toBeLessThanOrEqual(3 * 8)
    // The rejection is not cached between requests.
    expect((await narrow.query(`{ account(sid: "${sid}") { sid } }`, { as: 'part' })).errors).toBeUndefined()
  })

  it('Basic credentials of a parent account read its descendants only', async () => {
    const { sid } = accountOf('conf137')
    const conferences = `{ conferences(accountSid: "${sid}", first: 1) { totalCount } }`
    expect((await gateway.query(conferences, { as: 'admin' })).data.conferences.totalCount).toBe(137)
    expect((await gateway.query(conferences, { as: 'conf1' })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it.each([
    ['a different scheme', 'Bearer abc'],
    ['no value', 'Basic'],
    ['no colon', `Basic ${Buffer.from('AC1').toString('base64')}`],
    ['a user other than a SID or an e-mail address', `Basic ${Buffer.from('../admin:x').toString('base64')}`],
    ['invalid base64', 'Basic %%%'],
  ])(
    'an Authorization header with %s is UNAUTHENTICATED, without an upstream request',
    async (_label, authorization) => {
      const { errors } = await gateway.query(VIEWER, { as: null, headers: { authorization } })
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it('the scheme Basic is case-insensitive, although Restcomm rejects lower case', async () => {
    const authorization = basic('conf137').replace('Basic', 'basic')
    const { data } = await gateway.query(VIEWER, { as: null, headers: { authorization } })
    expect(data.viewer.sid).toBe(conf137.sid)
  })
})

describe('a request without credentials', () => {
  it('every read without credentials is UNAUTHENTICATED, without an upstream request', async () => {
    const { data, errors } = await gateway.query(`{ viewer { sid } }`, { as: null })
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      { message: expect.stringContaining('Authorization: Basic'), extensions: { code: 'UNAUTHENTICATED' } },
    ])
    const lookup = await gateway.query(`{ conference(sid: "${conferenceOf('conf1/000')}") { sid } }`, { as: null })
    expect(lookup.data).toBeUndefined()
    expect(lookup.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('introspection needs no credentials', async () => {
    const { data } = await gateway.query('{ __schema { queryType { name } } __typename }', { as: null })
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, __typename: 'Query' })
  })
})

describe('service credentials without authentication, as with the embedded sandbox', () => {
  const serviceCredentials = { accountSid: conf137.sid, authToken: conf137.password }

  it('service credentials serve requests without credentials; credentials of the request take precedence', async () => {
    const open = await startGateway({ serviceCredentials })
    expect((await open.query(VIEWER, { as: null })).data.viewer.sid).toBe(conf137.sid)
    expect((await open.query(VIEWER, { as: 'part' })).data.viewer.sid).toBe(accountOf('part').sid)
    const { errors } = await open.query(VIEWER, { as: null, headers: { authorization: 'Bearer x' } })
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    await open.close()
  })

  it('pages of other origins cannot use open service credentials, same-origin pages can', async () => {
    const open = await startGateway({ serviceCredentials })
    const post = (origin: string, type: string) =>
      fetch(open.url, {
        method: 'POST',
        headers: { origin, 'content-type': type },
        body: '{"query":"{ viewer { sid } }"}',
      })
    const form = 'application/x-www-form-urlencoded'
    const json = 'application/json'
    expect((await post('https://elsewhere.example', form)).status).toBe(403)
    expect((await post('null', json)).status).toBe(403)
    expect(open.takeUpstreamRequests()).toEqual([])
    expect((await post(new URL(open.url).origin, json)).status).toBe(200)
    const upgradeResult = new Promise(resolve => {
      const socket = new WebSocket(open.url.replace('http', 'ws'), 'graphql-transport-ws', {
        origin: 'https://elsewhere.example',
      })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => resolve('open'))
    })
    expect(await upgradeResult).toContain('403')
    await open.close()
  })

  it('service credentials need an API key as soon as keys are configured', async () => {
    const hash = createHash('sha256').update('one').digest('hex')
    const guarded = await startGateway({
      serviceCredentials,
      env: { RESTCOMM_URL: '', API_KEY_HASHES: hash },
    })
    const authorization = 'Bearer one'
    expect((await guarded.query(VIEWER, { as: null, headers: { authorization } })).data.viewer.sid).toBe(conf137.sid)
    expect((await guarded.query(VIEWER, { as: null })).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ])
    await guarded.close()
  })
})

describe('a 401 response', () => {
  const challengeOf = async (headers: Record<string, string>) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: VIEWER }),
    })
    return [response.status, response.headers.get('www-authenticate')]
  }
  const accept = 'application/graphql-response+json'

  it.each([accept, 'application/json'])(
    'a 401 challenges programs for Basic credentials with Accept: %s',
    async accept => {
      expect(await challengeOf({ accept })).toEqual([401, 'Basic realm="Restcomm", charset="UTF-8"'])
    },
  )

  it('credentials rejected by Restcomm are an error of the field, and the status is 200', async () => {
    const authorization = basicOf(conf137.sid, 'wrong')
    expect(await challengeOf({ accept, authorization })).toEqual([200, null])
  })

  it.each([{ origin: 'https://page.example', 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-origin' }])(
    'a 401 has no challenge for pages, to prevent the login dialog of browsers: %j',
    async (headers: Record<string, string>) => {
      expect(await challengeOf({ accept, ...headers })).toEqual([401, null])
    },
  )
})
