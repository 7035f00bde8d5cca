import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { InterceptedRequest } from '../../../src/sandbox/index.ts'
import { accountOf, type QueryOptions, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdEachResponse } from '../../support/heldRequests.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.close())

/** Half of the default `RESTCOMM_CONNECTIONS`. */
const HALF = 32
/** An eighth of the default `RESTCOMM_CONNECTIONS`. */
const EIGHTH = 8

const conferenceQuery = (i: number) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`
const isOf = (label: string) => {
  const { sid } = accountOf(label)
  return ({ path }: InterceptedRequest) => path.includes(sid)
}
const queries = (count: number, options: QueryOptions) =>
  Array.from({ length: count }, (_, i) => gateway.query(conferenceQuery(i), options).catch(() => null))
const metric = async (name: string) =>
  Number(new RegExp(`^restcomm_graphql_upstream_${name} (\\d+)$`, 'm').exec(await gateway.metrics())?.[1])

describe('a client with 200 waiting requests', () => {
  beforeEach(async () => {
    for (const as of ['conf137', 'conf50']) await gateway.query('{ viewer { friendlyName } }', { as })
    gateway.takeUpstreamRequests()
  })

  it('holds half of the connections while Restcomm does not answer, and all requests of a second client are answered', async () => {
    const { arrived, releaseAll } = holdEachResponse(gateway, isOf('conf137'))
    const noisy = queries(200, { as: 'conf137' })
    await waitUntil(async () => arrived() >= HALF && (await metric('waiting')) >= 200 - HALF, 'the requests wait')
    expect(arrived()).toBe(HALF)
    for (let i = 0; i < 50; i++) {
      const { data, errors } = await gateway.query(conferenceQuery(i), { as: 'conf50' })
      expect([data, errors]).toEqual([{ conference: null }, undefined])
    }
    expect(gateway.takeUpstreamRequests().filter(path => path.includes(accountOf('conf50').sid))).toHaveLength(50)
    gateway.sandbox.intercept(null)
    releaseAll()
    await Promise.all(noisy)
  })

  it('does not delay a second client while Restcomm answers slowly: each request of the second client is sent at once', async () => {
    const { arrived, releaseOne, releaseAll } = holdEachResponse(gateway, isOf('conf137'))
    const noisy = queries(200, { as: 'conf137' })
    await waitUntil(() => arrived() >= HALF, 'the requests are sent')
    let released = 0
    for (let i = 0; i < 50; i++) {
      // A response to the second client needs no response to the first client.
      expect((await gateway.query(conferenceQuery(i), { as: 'conf50' })).errors).toBeUndefined()
      releaseOne()
      released++
      expect(arrived() - released).toBeLessThanOrEqual(HALF)
    }
    gateway.sandbox.intercept(null)
    releaseAll()
    await Promise.all(noisy)
  })
})

it('an API key with 200 waiting requests holds half of the connections, although all keys use the same credentials of Restcomm', async () => {
  const { sid, password } = accountOf('conf137')
  const hashes = ['noisy', 'quiet'].map(key => createHash('sha256').update(key).digest('hex'))
  const env = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password, API_KEY_HASHES: hashes.join(',') }
  const service = await startGateway({ env })
  onTestFinished(() => service.close())
  const sendAs = (key: string, query: string) =>
    service.query(query, { as: null, headers: { authorization: `Bearer ${key}` } })
  for (const key of ['noisy', 'quiet']) await sendAs(key, '{ viewer { friendlyName } }')
  const { arrived, releaseAll } = holdEachResponse(service, ({ path }) => path.includes('Conferences/CF0'))
  const noisy = Array.from({ length: 200 }, (_, i) => sendAs('noisy', conferenceQuery(i)).catch(() => null))
  await waitUntil(() => arrived() >= HALF, 'the requests are sent')
  for (let i = 0; i < 50; i++) {
    const quiet = await sendAs('quiet', `{ conference(sid: "CF${String(i).padStart(32, '9')}") { sid } }`)
    expect([quiet.data, quiet.errors]).toEqual([{ conference: null }, undefined])
  }
  service.sandbox.intercept(null)
  releaseAll()
  await Promise.all(noisy)
})

describe('clients with invented credentials', () => {
  const inventedClient = (i: number) => ({ user: `AC${String(i).padStart(32, '0')}`, password: 'invented' })
  const ACCOUNTS_QUERY = `{ ${Array.from(
    { length: 100 },
    (_, i) => `a${i}: account(sid: "AC${String(i).padStart(32, 'A')}") { sid }`,
  )} }`
  /** Sends 1,200 requests of 12 clients with invented credentials. Restcomm checks no credentials before `releaseOne`. */
  const attack = async () => {
    // The time in the queue is limited.
    const now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => void vi.restoreAllMocks())
    const known = ['conf50', 'conf137'].map(isOf)
    const held = holdEachResponse(gateway, request => !known.some(isKnown => isKnown(request)))
    const sent = Array.from({ length: 12 }, (_, i) =>
      gateway.query(ACCOUNTS_QUERY, { as: inventedClient(i) }).catch(() => null),
    )
    await waitUntil(async () => (await metric('waiting')) === 1_200 - EIGHTH, 'the invented requests wait')
    return { ...held, sent }
  }

  it('hold an eighth of the connections together, and a valid client is answered while 1,200 requests of them wait', async () => {
    await gateway.query('{ viewer { friendlyName } }', { as: 'conf50' })
    const { arrived, releaseAll, sent } = await attack()
    for (let i = 0; i < 20; i++) {
      expect((await gateway.query(conferenceQuery(i), { as: 'conf50' })).errors).toBeUndefined()
    }
    expect(arrived()).toBe(EIGHTH)
    gateway.sandbox.intercept(null)
    releaseAll()
    await Promise.all(sent)
  })

  it('are rejected after one response of Restcomm for each client', async () => {
    const { arrived, releaseOne, sent } = await attack()
    let released = 0
    const release = () => {
      for (; released < arrived(); released++) releaseOne({ status: 401 })
      return released === 12
    }
    await waitUntil(release, 'each client has sent a request')
    const answers = await Promise.all(sent)
    for (const answer of answers) {
      expect(answer?.errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(100).fill('UNAUTHENTICATED'))
    }
    expect([arrived(), await metric('waiting')]).toEqual([12, 0])
  })

  it('do not keep a valid client out after a restart of the gateway: the first request takes one turn, and later requests wait no longer', async () => {
    const { arrived, releaseOne, releaseAll, sent } = await attack()
    const first = gateway.query('{ viewer { friendlyName } }', { as: 'conf50' })
    await waitUntil(async () => (await metric('waiting')) === 1_201 - EIGHTH, 'the valid request waits')
    let isAnswered = false
    void first.then(() => {
      isAnswered = true
    })
    let released = 0
    await waitUntil(async () => {
      if (isAnswered) return true
      // The answer may be under way, so at most one response is released between two requests.
      if (arrived() === EIGHTH + released && released < 13) {
        releaseOne({ status: 500 })
        released++
      }
      return false
    }, 'the valid client is answered after at most one turn of each invented client')
    expect((await first).errors).toBeUndefined()
    const many = await Promise.all(queries(100, { as: 'conf50' }))
    expect(many.map(answer => answer?.errors)).toEqual(many.map(() => undefined))
    gateway.sandbox.intercept(null)
    releaseAll()
    await Promise.all(sent)
  })
})
