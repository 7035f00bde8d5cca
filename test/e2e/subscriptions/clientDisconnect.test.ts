import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const CONFERENCES = 12
const account = accountOf('part').sid

let gateway: TestGateway
beforeEach(async () => {
  const env = { RESTCOMM_CONNECTIONS: '2', LIVE_POLL_INTERVAL_MS: '60' }
  gateway = await startGateway({ env, config: { live: { maxSubscriptionsPerConnection: 50 } } })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
  await gateway.close()
})

const clients: ReturnType<typeof createClient>[] = []
const connect = ({ url } = gateway) => {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: basic('part') },
    retryAttempts: 0,
    lazy: false,
  })
  clients.push(client)
  return client
}

/** Sends an operation. `leave` sends a `complete` message for the operation and keeps the connection open. */
const send = (query: string, client = connect()) => {
  const results: unknown[] = []
  const sink = {
    next: (result: unknown) => void results.push(result),
    error: () => undefined,
    complete: () => undefined,
  }
  return { results, leave: client.subscribe({ query }, sink) }
}

const openConferences = () =>
  Array.from({ length: CONFERENCES }, () => {
    const { rows } = gateway.sandbox
    return rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' }).sid
  })
const subscriptionTo = (sid: string, selection = '__typename') =>
  `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', account, sid)}") { ${selection} } }`

/** Delays matching upstream requests until the returned function is called. */
const hold = (matches: (path: string) => boolean = () => true): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  gateway.sandbox.intercept(({ path }) => (matches(path) ? promise : undefined))
  return () => resolve(undefined)
}
/** Restcomm must accept the credentials before a client may use all connections. */
const logIn = () => gateway.query('{ viewer { friendlyName } }', { as: 'part' })
const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text()
const stats = async () => {
  const text = await metrics()
  const gaugeOf = (name: string) => Number(new RegExp(`^restcomm_graphql_${name} (\\d+)`, 'm').exec(text)?.[1])
  return { watches: gaugeOf('watches'), inFlight: gaugeOf('upstream_in_flight'), waiting: gaugeOf('upstream_waiting') }
}
const IDLE = { watches: 0, inFlight: 0, waiting: 0 }
const untilIs = (expected: typeof IDLE) => expect.poll(stats).toEqual(expected)
const untilFull = (watches: number) => untilIs({ watches, inFlight: 2, waiting: CONFERENCES - 2 })
const untilIdle = () => untilIs(IDLE)

describe('a subscriber that leaves', () => {
  it('the last subscriber of several watches cancels the queued and the sent requests of the running poll by leaving', async () => {
    const client = connect()
    const streams = openConferences().map(sid => send(subscriptionTo(sid), client))
    await waitUntil(() => streams.every(({ results }) => results.length > 0), 'all streams begin')
    const release = hold()
    await untilFull(CONFERENCES)
    for (const { leave } of streams) leave()
    await untilIdle()
    expect(
      (await metrics())
        .split('\n')
        .filter(line => /upstream_requests.*outcome="(?!2xx|cancelled|abandoned)/.test(line)),
    ).toEqual([])
    release()
  })

  it('the last subscriber cancels the requests of the first poll by leaving', async () => {
    await logIn()
    const release = hold()
    const client = connect()
    const streams = openConferences().map(sid => send(subscriptionTo(sid), client))
    await untilFull(CONFERENCES)
    for (const { leave } of streams) leave()
    await untilIdle()
    release()
  })

  it('the last subscriber cancels the request for the calls of the participants by leaving', async () => {
    const release = hold(path => path.includes('/Calls'))
    const [sid = ''] = openConferences()
    for (let i = 0; i < 3; i++) gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const selection = '... on ConferenceSnapshot { conference { participants { nodes { call { from } } } } }'
    const { leave } = send(subscriptionTo(sid, selection))
    await waitUntil(
      () => gateway.sandbox.requests.some(({ path }) => path.includes('/Calls')),
      'the calls are requested',
    )
    leave()
    await untilIdle()
    release()
  })

  it('a request of an event shared with a query continues after the subscriber left', async () => {
    const [sid = ''] = openConferences()
    const isAccountRead = (path: string) => path.endsWith(`/Accounts/${account}`)
    const release = hold(isAccountRead)
    const { leave } = send(subscriptionTo(sid, '... on ConferenceSnapshot { conference { account { friendlyName } } }'))
    const accountReads = () => gateway.sandbox.requests.filter(({ path }) => isAccountRead(path)).length
    await waitUntil(() => accountReads() === 1, 'the event requests the account')
    const reading = gateway.query(`{ account(sid: "${account}") { sid } }`, { as: 'part' })
    await waitUntil(
      async () => (await metrics()).includes('upstream_deduplicated_total{resource="account"} 1'),
      'both wait',
    )
    leave()
    await untilIs({ watches: 0, inFlight: 1, waiting: 0 })
    release()
    expect((await reading).data).toEqual({ account: { sid: account } })
    expect(accountReads()).toBe(1)
  })

  it('a poll continues for the remaining subscriber after the other subscriber left', async () => {
    const [sid = ''] = openConferences()
    const release = hold()
    const [leaving, staying] = [send(subscriptionTo(sid)), send(subscriptionTo(sid))]
    await waitUntil(() => gateway.sandbox.requests.length === 1, 'the poll is sent')
    await waitUntil(async () => (await countSubscribers()) === 2, 'both wait')
    leaving.leave()
    await waitUntil(async () => (await countSubscribers()) === 1, 'a single subscriber waits')
    release()
    await waitUntil(() => staying.results.length > 0, 'the remaining stream begins')
    expect(leaving.results).toEqual([])
  })
})

/** A connection without a client library, so that the test decides which messages share an ID. */
const connectRaw = async () => {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
  onTestFinished(() => socket.close())
  const received: { readonly type: string; readonly id?: string }[] = []
  socket.on('message', data => received.push(JSON.parse(String(data))))
  await once(socket, 'open')
  const sendTogether = (...messages: readonly object[]) => {
    // A single TCP segment, so that the server reads the messages without a pause in between.
    const { _socket: connection } = socket as unknown as { readonly _socket: Socket }
    connection.cork()
    for (const message of messages) socket.send(JSON.stringify(message))
    connection.uncork()
  }
  sendTogether({ type: 'connection_init', payload: { authorization: basic('part') } })
  await waitUntil(() => received.length === 1, 'the connection is acknowledged')
  return { received, sendTogether }
}
const subscribe = (query: string) => ({ id: '1', type: 'subscribe', payload: { query } })

const countSubscribers = async () => Number(/^restcomm_graphql_subscribers (\d+)/m.exec(await metrics())?.[1])

describe('a client that sends complete over a WebSocket', () => {
  it('a WebSocket `complete` for a query cancels its upstream requests and keeps the connection', async () => {
    const client = connect()
    await logIn()
    const release = hold()
    const queries = openConferences().map(sid => send(`{ conference(sid: "${sid}") { sid } }`, client))
    await untilFull(0)
    for (const { leave } of queries) leave()
    await untilIdle()
    release()
    const next = send('{ viewer { sid } }', client)
    await waitUntil(() => next.results.length > 0, 'the connection answers')
    expect(next.results).toEqual([{ data: { viewer: { sid: account } } }])
    const cancelled = `type="query",outcome="cancelled"} ${CONFERENCES}`
    expect((await metrics()).split('\n').filter(line => line.endsWith(cancelled))).toHaveLength(1)
  })

  it('a WebSocket ID reused after `complete` receives only the result of the second query', async () => {
    const { received, sendTogether } = await connectRaw()
    const [sid = ''] = openConferences()
    const release = hold()
    sendTogether(subscribe(`{ old: conference(sid: "${sid}") { sid } }`))
    await untilIs({ watches: 0, inFlight: 1, waiting: 0 })
    release()
    hold(() => false)
    sendTogether({ id: '1', type: 'complete' }, subscribe(`{ fresh: conference(sid: "${sid}") { sid } }`))
    await waitUntil(() => received.some(({ type }) => type === 'complete'), 'the second query is answered')
    expect(received.slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { fresh: { sid } } } },
      { id: '1', type: 'complete' },
    ])
  })

  it('a WebSocket `complete` cancels the second operation of an ID although the first operation ended later', async () => {
    const { received, sendTogether } = await connectRaw()
    const [watched = '', sid = ''] = openConferences()
    sendTogether(subscribe(subscriptionTo(watched)))
    await waitUntil(() => received.some(({ type }) => type === 'next'), 'the stream begins')
    const release = hold(path => path.includes(sid))
    const second = subscribe(`{ conference(sid: "${sid}") { sid } }`)
    sendTogether({ id: '1', type: 'complete' }, second)
    await untilIs({ watches: 0, inFlight: 1, waiting: 0 })
    sendTogether({ id: '1', type: 'complete' })
    await untilIdle()
    release()
  })

  it('a WebSocket `complete` for a mutation in progress still triggers a poll when Restcomm has executed the command', async () => {
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '60000' } })
    onTestFinished(() => slow.close())
    const { rows } = slow.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const { sid: callSid } = rows.addCall({ account_sid: account, conference_sid: sid })
    const client = connect(slow)
    const watched = send(subscriptionTo(sid), client)
    await waitUntil(() => watched.results.length === 1, 'the watch begins')
    const { promise, resolve: release } = Promise.withResolvers<undefined>()
    slow.sandbox.intercept(({ method }) => (method === 'POST' ? promise : undefined))
    const id = nodeIdOf('Participant', account, sid, callSid)
    const { leave } = send(
      `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`,
      client,
    )
    await waitUntil(() => slow.sandbox.requests.some(({ method }) => method === 'POST'), 'the command is sent')
    leave()
    expect(watched.results).toHaveLength(1)
    release(undefined)
    await waitUntil(() => watched.results.length === 2, 'the event arrives')
  })

  it('a WebSocket `complete` for a mutation in progress does not cancel the command', async () => {
    const [sid = ''] = openConferences()
    const { sid: callSid } = gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const { promise, resolve: release } = Promise.withResolvers<undefined>()
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? promise : undefined))
    const id = nodeIdOf('Participant', account, sid, callSid)
    const { leave } = send(`mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`)
    const isSent = () => gateway.sandbox.requests.some(({ method }) => method === 'POST')
    await waitUntil(isSent, 'the command is sent')
    leave()
    await waitUntil(async () => (await metrics()).includes('type="mutation"'), 'the operation has ended')
    expect(await stats()).toEqual({ watches: 0, inFlight: 1, waiting: 0 })
    release(undefined)
    await waitUntil(
      async () => (await metrics()).includes('{resource="participant",outcome="2xx"} 1'),
      'the command is executed',
    )
    expect(gateway.sandbox.rows.callsIn(sid).map(({ muted }) => muted)).toEqual([true])
  })
})
