import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { accountOf, basic, basicOf, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdResponses } from '../../support/holdResponses.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const VIEWER = '{ viewer { friendlyName } }'
const hex = () => randomBytes(16).toString('hex')

/** Operations over WebSockets with at most 100 operations each. Counts the codes of the errors. */
const openOperations = (authorization: string, maxPerConnection = 100) => {
  const codes: string[] = []
  const results: GraphQLAnswer[] = []
  const connectClient = () => {
    const client = createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    })
    onTestFinished(() => void client.dispose())
    return client
  }
  let client = connectClient()
  let sent = 0
  const send = (query: string): (() => void) => {
    if (sent > 0 && sent % maxPerConnection === 0) client = connectClient()
    sent++
    const record = (errors: unknown) => {
      const [first] = (Array.isArray(errors) ? errors : []) as NonNullable<GraphQLAnswer['errors']>
      codes.push(first?.extensions?.code ?? 'closed')
    }
    return client.subscribe(
      { query },
      {
        next: result => {
          results.push(result as GraphQLAnswer)
          if (result.errors !== undefined) record(result.errors)
        },
        error: record,
        complete: () => undefined,
      },
    )
  }
  return { codes, results, send, close: () => client.dispose() }
}

const subscriptionTo = (accountSid: string, sid: string) =>
  `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', accountSid, sid)}") { __typename } }`

/** Starts 20 subscriptions to conferences of the account. */
const startSubscriptions = async (as: string) => {
  const account_sid = accountOf(as).sid
  const client = openOperations(basic(as))
  for (let i = 0; i < 20; i++) {
    const { sid } = gateway.sandbox.rows.addConference({ account_sid, status: 'RUNNING_MODERATOR_PRESENT' })
    client.send(subscriptionTo(account_sid, sid))
  }
  await waitUntil(() => client.results.length >= 20 || client.codes.length > 0, 'the subscriptions begin')
  expect(client.codes).toEqual([])
}

describe('concurrent operations with default limits', () => {
  beforeEach(async () => {
    gateway = await startGateway()
  })

  it('a client with 1,000 slow queries gets RATE_LIMITED for more, and a second client is admitted', async () => {
    // The first query of each client is the first whose credentials Restcomm accepts.
    for (const as of ['conf137', 'conf50', 'conf50']) await gateway.query(VIEWER, { as })
    const { heldRequests, release } = holdResponses(gateway)
    const noisy = openOperations(basic('conf137'))
    for (let i = 0; i < 1_005; i++) noisy.send(VIEWER)
    await waitUntil(() => noisy.codes.length >= 5, 'the queries above the share are refused')
    expect(noisy.codes).toEqual(Array.from({ length: 5 }, () => 'RATE_LIMITED'))
    expect(heldRequests()).toBeGreaterThan(0)
    expect(await gateway.query('{ __typename }', { as: 'conf50' })).toEqual({ data: { __typename: 'Query' } })
    const refused = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('conf137') },
      body: JSON.stringify({ query: '{ __typename }' }),
    })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(((await refused.json()) as GraphQLAnswer).errors?.[0]?.message).toBe(
      'The client already has 1000 running queries and mutations, the most that one client may have now: ' +
        'wait for a response before sending the next. Retry in 1 s.',
    )
    release()
  })

  it('1,200 subscriptions with invented credentials to invented conferences run one at a time per connection, and take no watch of valid clients', async () => {
    const isValid = (path: string) => ['conf137', 'conf50'].some(as => path.includes(accountOf(as).sid))
    await gateway.query(VIEWER, { as: 'conf137' })
    const { release } = holdResponses(gateway, ({ path }) => !isValid(path))
    const attackers = Array.from({ length: 12 }, () => {
      const accountSid = `AC${hex()}`
      return { accountSid, ...openOperations(basicOf(accountSid, hex()), 101) }
    })
    for (const { accountSid, send } of attackers) {
      for (let i = 0; i < 101; i++) send(subscriptionTo(accountSid, `CF${hex()}`))
    }
    // The last subscription of each connection is refused at once, so the gateway has received the first 100.
    await waitUntil(() => attackers.every(({ codes }) => codes.includes('TOO_MANY_SUBSCRIPTIONS')), 'all are received')
    await startSubscriptions('conf137')
    expect(/^restcomm_graphql_watches (\d+)/m.exec(await gateway.metrics())?.[1]).toBe(String(12 + 20))
    release()
    // The client `conf50` is new, like every client after a restart of the gateway.
    await startSubscriptions('conf50')
  })
})

it('queries with invented credentials above the limit refuse no query of a known client and of a new client', async () => {
  gateway = await startGateway({ config: { operations: { maxUnverifiedOperations: 20 } } })
  await gateway.query(VIEWER, { as: 'conf137' })
  const { release } = holdResponses(gateway)
  const codes: (string | undefined)[] = []
  for (let client = 0; client < 12; client++) {
    const as = { user: `AC${hex()}`, password: hex() }
    for (let i = 0; i < 5; i++) {
      const record = ({ errors }: GraphQLAnswer) => void codes.push(errors?.[0]?.extensions?.code)
      // Queries in progress at the end of the test are not answered.
      gateway.query(VIEWER, { as }).then(record, () => undefined)
    }
  }
  await waitUntil(() => codes.length >= 60 - 20, 'the excess is refused')
  expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED', 'OVERLOADED']))
  for (const as of ['conf137', 'conf50']) {
    expect((await gateway.query('{ __typename }', { as })).errors).toBeUndefined()
  }
  release()
})

describe('a single slot for each kind of operation', () => {
  beforeEach(async () => {
    gateway = await startGateway({
      env: { RATE_LIMIT_COST: '2000', LIVE_POLL_INTERVAL_MS: '50' },
      config: { operations: { maxOperations: 1, maxSubscriptions: 1 } },
    })
    await gateway.query(VIEWER)
  })

  const headers = { 'content-type': 'application/json', authorization: basic('conf137') }
  const post = async (query: string, accept: string, signal?: AbortSignal) => {
    const init = { method: 'POST', headers: { ...headers, accept }, body: JSON.stringify({ query }) }
    return (await fetch(gateway.url, { ...init, ...(signal && { signal }) })).text()
  }
  const runByWebSocket = async (query: string) => {
    const operations = openOperations(basic('conf137'))
    operations.send(query)
    await waitUntil(() => operations.results.length + operations.codes.length > 0, 'the operation is answered')
    return operations
  }
  const EVENTS = 'subscription { accountEvents { __typename } }'

  const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
    'a response': () => gateway.query(VIEWER),
    'an error of a field': () => gateway.query('{ conferences(first: -1) { totalCount } }'),
    'a refusal by the rate limit': async () => {
      expect((await gateway.query('{ conferences(first: 400) { nodes { sid } } }')).errors).toBeDefined()
    },
    'a parse error': () => gateway.query('{'),
    'a response to GET': () =>
      fetch(`${gateway.url}?query={__typename}`, { headers }).then(response => response.text()),
    'the last part of a deferred response': () => post('{ ... @defer { viewer { sid } } }', 'multipart/mixed'),
    'a disconnect during execution': async () => {
      const { heldRequests, release } = holdResponses(gateway)
      const controller = new AbortController()
      const answer = post(VIEWER, 'application/json', controller.signal).catch(() => undefined)
      await waitUntil(() => heldRequests() > 0, 'the request is sent to Restcomm')
      controller.abort()
      await answer
      gateway.sandbox.intercept(null)
      release()
    },
    'a disconnect of an event stream': async () => {
      const controller = new AbortController()
      const init = { method: 'POST', body: JSON.stringify({ query: EVENTS }), signal: controller.signal }
      const response = await fetch(gateway.url, { ...init, headers: { ...headers, accept: 'text/event-stream' } })
      await response.body?.getReader().read()
      controller.abort()
    },
    'a disconnect with pipelined requests': async () => {
      const { heldRequests, release } = holdResponses(gateway)
      const { hostname, port } = new URL(gateway.url)
      const socket = connect(Number(port), hostname)
      const body = JSON.stringify({ query: VIEWER })
      const head = `POST /graphql HTTP/1.1\r\nHost: gateway\r\nAuthorization: ${headers.authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(`${head}${body}${head}${body}`)
      await waitUntil(() => heldRequests() > 0, 'the request is sent to Restcomm')
      socket.destroy()
      gateway.sandbox.intercept(null)
      release()
    },
    'a result over a WebSocket': () => runByWebSocket(VIEWER),
    'an error over a WebSocket': () => runByWebSocket('{ conferences(first: 400) { nodes { sid } } }'),
    'the close of a WebSocket with a subscription': async () => (await runByWebSocket(EVENTS)).close(),
    'a complete message during execution': async () => {
      const { heldRequests, release } = holdResponses(gateway)
      const complete = openOperations(basic('conf137')).send(VIEWER)
      await waitUntil(() => heldRequests() > 0, 'the request is sent to Restcomm')
      complete()
      gateway.sandbox.intercept(null)
      release()
    },
    'a complete message of a subscription': async () => {
      const operations = openOperations(basic('conf137'))
      const complete = operations.send(EVENTS)
      await waitUntil(() => operations.results.length > 0, 'the subscription begins')
      complete()
    },
  }

  it.each(Object.keys(WAYS))('a slot is free again after %s', async way => {
    await WAYS[way]?.()
    // A disconnect reaches the gateway later.
    await expect.poll(async () => (await gateway.query('{ __typename }')).errors).toBeUndefined()
    await expect
      .poll(async () => {
        const { codes, close } = await runByWebSocket(EVENTS)
        await close()
        return codes
      })
      .toEqual([])
  })

  it('a second query above the maximum of the process is OVERLOADED with status 503', async () => {
    const { heldRequests, release } = holdResponses(gateway)
    const first = gateway.query(VIEWER)
    await waitUntil(() => heldRequests() > 0, 'the request is sent to Restcomm')
    const body = JSON.stringify({ query: '{ __typename }' })
    const second = await fetch(gateway.url, { method: 'POST', headers, body })
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await second.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryAfter: 1 } }] })
    release()
    expect((await first).errors).toBeUndefined()
  })
})
