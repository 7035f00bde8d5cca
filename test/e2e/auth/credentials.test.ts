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

describe('Basic credentials of the caller', () => {
  it('go upstream, and show what they may see', async () => {
    expect((await gateway.query(VIEWER)).data.viewer.sid).toBe(conf137.sid)
    expect(gateway.sandbox.requests.map(request => request.account)).toEqual([conf137.sid])
  })

  it.each(['first: -1', 'first: 1, last: 1', 'filter: { status: UNKNOWN }'])(
    'that name it by an e-mail address are not sent for a mistake: %s',
    async mistake => {
      const own = await startGateway()
      const as = { user: 'conf137@example.com', password: conf137.password }
      const { errors } = await own.query(`{ conferences(${mistake}) { totalCount } }`, { as })
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
      expect(own.asked()).toEqual([])
      await own.close()
    },
  )

  it('may name the account by its e-mail address, which is looked up once', async () => {
    const as = { user: 'conf137@example.com', password: conf137.password }
    for (let i = 0; i < 2; i++) {
      const { data } = await gateway.query('{ conferences(first: 1) { nodes { accountSid } } }', { as })
      expect(data.conferences.nodes[0].accountSid).toBe(conf137.sid)
    }
    expect(gateway.asked().filter(request => request === 'GET Accounts/conf137%40example.com')).toHaveLength(1)
  })

  it('that name an e-mail address are known to be of the account that was looked up for it', async () => {
    onTestFinished(() => gateway.sandbox.intercept(null))
    const as = { user: 'conf137@example.com', password: conf137.password }
    await gateway.query(VIEWER, { as })
    gateway.sandbox.clearRequests()
    gateway.sandbox.intercept(({ path }) => (path.includes('/Conferences') ? { status: 500 } : undefined))
    const { errors } = await gateway.query('{ conferences { nodes { sid } } }', { as })
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    // Whether the account exists at all need not be asked.
    expect(gateway.asked().filter(request => !request.includes('/Conferences'))).toEqual([])
  })

  it('are refused with the wrong token, also where the right one was used before', async () => {
    for (const user of [conf137.sid, 'conf137@example.com']) {
      const { data, errors } = await gateway.query(VIEWER, { as: { user, password: 'wrong' } })
      expect(data).toBeNull()
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    }
  })

  it.each(['closed', 'suspended', 'inactive'])('of a %s account are FORBIDDEN', async label => {
    expect((await gateway.query(VIEWER, { as: label })).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('that are refused are not shown hundreds of times for one request', async () => {
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
    // As many as were under way when the first was refused, and some that took their places at that moment.
    expect(narrow.sandbox.requests.length).toBeLessThanOrEqual(3 * 8)
    // It is remembered for nobody.
    expect((await narrow.query(`{ account(sid: "${sid}") { sid } }`, { as: 'part' })).errors).toBeUndefined()
  })

  it('of a parent reach the accounts below it, and no others', async () => {
    const { sid } = accountOf('conf137')
    const conferences = `{ conferences(accountSid: "${sid}", first: 1) { totalCount } }`
    expect((await gateway.query(conferences, { as: 'admin' })).data.conferences.totalCount).toBe(137)
    expect((await gateway.query(conferences, { as: 'conf1' })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it.each([
    ['another scheme', 'Bearer abc'],
    ['no value', 'Basic'],
    ['no colon', `Basic ${Buffer.from('AC1').toString('base64')}`],
    ['a user that is neither SID nor e-mail', `Basic ${Buffer.from('../admin:x').toString('base64')}`],
    ['not base64', 'Basic %%%'],
  ])('with %s are UNAUTHENTICATED, and nothing is sent', async (_what, authorization) => {
    const { errors } = await gateway.query(VIEWER, { as: null, headers: { authorization } })
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    expect(gateway.asked()).toEqual([])
  })

  it('may write the scheme in lower case, which Restcomm itself refuses', async () => {
    const authorization = basic('conf137').replace('Basic', 'basic')
    const { data } = await gateway.query(VIEWER, { as: null, headers: { authorization } })
    expect(data.viewer.sid).toBe(conf137.sid)
  })
})

describe('without credentials', () => {
  it('everything that would be read is UNAUTHENTICATED, and nothing is sent', async () => {
    const { data, errors } = await gateway.query(`{ viewer { sid } }`, { as: null })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { message: expect.stringContaining('Authorization: Basic'), extensions: { code: 'UNAUTHENTICATED' } },
    ])
    const one = await gateway.query(`{ conference(sid: "${conferenceOf('conf1/000')}") { sid } }`, { as: null })
    expect(one).toMatchObject({ data: { conference: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(gateway.asked()).toEqual([])
  })

  it('the schema can be explored', async () => {
    const { data } = await gateway.query('{ __schema { queryType { name } } __typename }', { as: null })
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, __typename: 'Query' })
  })
})

describe('where the gateway has credentials for everybody, as with the embedded sandbox', () => {
  const own = { accountSid: conf137.sid, authToken: conf137.password }

  it("they stand in where none came, and the caller's still go first", async () => {
    const open = await startGateway({ ownCredentials: own })
    expect((await open.query(VIEWER, { as: null })).data.viewer.sid).toBe(conf137.sid)
    expect((await open.query(VIEWER, { as: 'part' })).data.viewer.sid).toBe(accountOf('part').sid)
    const { errors } = await open.query(VIEWER, { as: null, headers: { authorization: 'Bearer x' } })
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    await open.close()
  })

  it('a page of another origin cannot use them, while one of the same can', async () => {
    const open = await startGateway({ ownCredentials: own })
    const ask = (origin: string, type: string) =>
      fetch(open.url, {
        method: 'POST',
        headers: { origin, 'content-type': type },
        body: '{"query":"{ viewer { sid } }"}',
      })
    const form = 'application/x-www-form-urlencoded'
    const json = 'application/json'
    expect((await ask('https://elsewhere.example', form)).status).toBe(403)
    expect((await ask('null', json)).status).toBe(403)
    expect(open.asked()).toEqual([])
    expect((await ask(new URL(open.url).origin, json)).status).toBe(200)
    const refused = new Promise(resolve => {
      const socket = new WebSocket(open.url.replace('http', 'ws'), 'graphql-transport-ws', {
        origin: 'https://elsewhere.example',
      })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => resolve('open'))
    })
    expect(await refused).toContain('403')
    await open.close()
  })

  it('they are for whoever shows an API key once there are some', async () => {
    const hash = createHash('sha256').update('one').digest('hex')
    const guarded = await startGateway({
      ownCredentials: own,
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

describe('a 401', () => {
  const challengeOf = async (headers: Record<string, string>) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: VIEWER }),
    })
    return [response.status, response.headers.get('www-authenticate')]
  }
  const accept = 'application/graphql-response+json'

  it('asks programs for Basic credentials, also where Restcomm refuses those that came', async () => {
    expect(await challengeOf({ accept })).toEqual([401, 'Basic realm="Restcomm", charset="UTF-8"'])
    const authorization = basicOf(conf137.sid, 'wrong')
    expect(await challengeOf({ accept, authorization })).toEqual([401, 'Basic realm="Restcomm", charset="UTF-8"'])
  })

  it.each([{ origin: 'https://page.example', 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-origin' }])(
    'asks a page for nothing, since its browser would open a dialog: %j',
    async (headers: Record<string, string>) => {
      expect(await challengeOf({ accept, ...headers })).toEqual([401, null])
    },
  )

  it('is what those get who understand it; others get a 200 without a challenge', async () => {
    expect(await challengeOf({ accept: 'application/json' })).toEqual([200, null])
  })
})
