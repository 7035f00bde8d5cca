import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../support/gateway.ts'

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

  it('may name the account by its e-mail address, which is looked up once', async () => {
    const as = { user: 'conf137@example.com', password: conf137.password }
    for (let i = 0; i < 2; i++) {
      const { data } = await gateway.query('{ conferences(first: 1) { nodes { accountSid } } }', { as })
      expect(data.conferences.nodes[0].accountSid).toBe(conf137.sid)
    }
    expect(gateway.asked().filter(request => request === 'GET Accounts/conf137%40example.com')).toHaveLength(1)
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

describe('in service mode', () => {
  const service = (env: Record<string, string> = {}) => ({
    RESTCOMM_ACCOUNT_SID: conf137.sid,
    RESTCOMM_AUTH_TOKEN: conf137.password,
    ...env,
  })

  it("the gateway's own credentials stand in where none came, and the caller's still go first", async () => {
    const own = await startGateway({ env: service() })
    expect((await own.query(VIEWER, { as: null })).data.viewer.sid).toBe(conf137.sid)
    expect((await own.query(VIEWER, { as: 'part' })).data.viewer.sid).toBe(accountOf('part').sid)
    await own.close()
  })

  it('they stand in for whoever shows an API key, and for nobody else, once keys are configured', async () => {
    const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
    const own = await startGateway({ env: service({ API_KEY_HASHES: `${hashOf('one')}, ${hashOf('two')}` }) })
    const as = async (authorization?: string) =>
      own.query(VIEWER, { as: null, ...(authorization && { headers: { authorization } }) })
    expect((await as('Bearer one')).data.viewer.sid).toBe(conf137.sid)
    expect((await as('bearer two')).data.viewer.sid).toBe(conf137.sid)
    for (const authorization of ['Bearer three', `Bearer ${hashOf('one')}`, 'Bearer', undefined]) {
      expect((await as(authorization)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    }
    await own.close()
  })

  it('a page of another origin cannot use them, while one of the same can', async () => {
    const own = await startGateway({ env: service() })
    const ask = (origin: string, type: string) =>
      fetch(own.url, { method: 'POST', headers: { origin, 'content-type': type }, body: 'query={viewer{sid}}' })
    const form = 'application/x-www-form-urlencoded'
    expect((await ask('https://elsewhere.example', form)).status).toBe(403)
    expect((await ask('null', form)).status).toBe(403)
    expect(own.asked()).toEqual([])
    expect((await ask(new URL(own.url).origin, form)).status).toBe(200)
    const refused = new Promise(resolve => {
      const socket = new WebSocket(own.url.replace('http', 'ws'), 'graphql-transport-ws', {
        origin: 'https://elsewhere.example',
      })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => resolve('open'))
    })
    expect(await refused).toContain('403')
    await own.close()
  })
})
