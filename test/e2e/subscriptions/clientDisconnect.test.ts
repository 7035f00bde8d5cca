import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { until } from '../../support/waitFor.ts'

const ROOMS = 12
const account = accountOf('part').sid

let gateway: TestGateway
beforeEach(async () => {
  const env = { RESTCOMM_CONNECTIONS: '2', LIVE_POLL_INTERVAL_MS: '60', LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: '50' }
  gateway = await startGateway({ env })
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

/** Sends an operation; `leave` tells the server by a `complete` that nobody waits for it, and keeps the connection. */
const send = (query: string, client = connect()) => {
  const results: unknown[] = []
  const sink = {
    next: (result: unknown) => void results.push(result),
    error: () => undefined,
    complete: () => undefined,
  }
  return { results, leave: client.subscribe({ query }, sink) }
}

const openRooms = () =>
  Array.from({ length: ROOMS }, () => {
    const { rows } = gateway.sandbox
    return rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' }).sid
  })
const watchOf = (sid: string, selection = '__typename') =>
  `subscription { conferenceEvents(conferenceId: "${idOf('Conference', account, sid)}") { ${selection} } }`

/** Holds what Restcomm is asked for from now on; call what it returns to let it go. */
const hold = (holds: (path: string) => boolean = () => true): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  gateway.sandbox.intercept(({ path }) => (holds(path) ? promise : undefined))
  return () => resolve(undefined)
}
const metrics = async () => (await fetch(`${gateway.operatorUrl}/metrics`)).text()
const figures = async () => {
  const text = await metrics()
  const of = (name: string) => Number(new RegExp(`^restcomm_graphql_${name} (\\d+)`, 'm').exec(text)?.[1])
  return { watches: of('watches'), inFlight: of('upstream_in_flight'), waiting: of('upstream_waiting') }
}
const NOTHING = { watches: 0, inFlight: 0, waiting: 0 }
const untilIs = (expected: typeof NOTHING) => expect.poll(figures, { timeout: 15_000 }).toEqual(expected)
const untilFull = (watches: number) => untilIs({ watches, inFlight: 2, waiting: ROOMS - 2 })
const untilNothing = () => untilIs(NOTHING)

describe('the last subscriber that leaves', () => {
  it('takes the look under way with it, what waits and what was sent', async () => {
    const client = connect()
    const streams = openRooms().map(sid => send(watchOf(sid), client))
    await until(() => streams.every(({ results }) => results.length > 0), 'all begin')
    const release = hold()
    await untilFull(ROOMS)
    for (const { leave } of streams) leave()
    await untilNothing()
    expect(
      (await metrics()).split('\n').filter(line => /upstream_requests.*outcome="(?!2xx|cancelled)/.test(line)),
    ).toEqual([])
    release()
  })

  it('does so before its subscription has begun', async () => {
    const release = hold()
    const client = connect()
    const streams = openRooms().map(sid => send(watchOf(sid), client))
    await untilFull(ROOMS)
    for (const { leave } of streams) leave()
    await untilNothing()
    release()
  })

  it('takes with it what was to be read of the calls behind the participants', async () => {
    const release = hold(path => path.includes('/Calls'))
    const [sid = ''] = openRooms()
    for (let i = 0; i < 3; i++) gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const selection = '... on ConferenceSnapshot { conference { participants { nodes { call { from } } } } }'
    const { leave } = send(watchOf(sid, selection))
    await until(() => gateway.sandbox.requests.some(({ path }) => path.includes('/Calls')), 'the calls are asked for')
    leave()
    await untilNothing()
    release()
  })

  it('leaves alone what somebody else reads as well', async () => {
    const [sid = ''] = openRooms()
    const release = hold()
    const { leave } = send(watchOf(sid))
    await until(() => gateway.sandbox.requests.length === 1, 'it is looked at')
    const reading = gateway.query(`{ conference(sid: "${sid}") { sid } }`, { as: 'part' })
    await until(async () => (await metrics()).includes('upstream_joined_total{resource="conference"} 1'), 'both wait')
    leave()
    await untilIs({ watches: 0, inFlight: 1, waiting: 0 })
    release()
    expect((await reading).data).toEqual({ conference: { sid } })
    expect(gateway.asked()).toHaveLength(1)
  })

  it('leaves alone the look that another subscriber waits for', async () => {
    const [sid = ''] = openRooms()
    const release = hold()
    const [leaving, staying] = [send(watchOf(sid)), send(watchOf(sid))]
    await until(() => gateway.sandbox.requests.length === 1, 'it is looked at')
    await until(async () => (await figuresOfSubscribers()) === 2, 'both wait')
    leaving.leave()
    await until(async () => (await figuresOfSubscribers()) === 1, 'one waits')
    release()
    await until(() => staying.results.length > 0, 'the other begins')
    expect(leaving.results).toEqual([])
  })
})

const figuresOfSubscribers = async () => Number(/^restcomm_graphql_subscribers (\d+)/m.exec(await metrics())?.[1])

describe('a client that completes over its WebSocket', () => {
  it('a query stops what only that was waiting for, and goes on with the connection', async () => {
    const client = connect()
    const release = hold()
    const queries = openRooms().map(sid => send(`{ conference(sid: "${sid}") { sid } }`, client))
    await untilFull(0)
    for (const { leave } of queries) leave()
    await untilNothing()
    release()
    const next = send('{ viewer { sid } }', client)
    await until(() => next.results.length > 0, 'the connection goes on')
    expect(next.results).toEqual([{ data: { viewer: { sid: account } } }])
    const cancelled = `type="query",outcome="cancelled"} ${ROOMS}`
    expect((await metrics()).split('\n').filter(line => line.endsWith(cancelled))).toHaveLength(1)
  })

  it('a query, and gives its id to another at once, is told of that other alone', async () => {
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
    const told: { readonly type: string; readonly id?: string }[] = []
    socket.on('message', data => told.push(JSON.parse(String(data))))
    await once(socket, 'open')
    const say = (...messages: readonly object[]) => {
      // In one piece, so that they are read one right after the other.
      const { _socket: connection } = socket as unknown as { readonly _socket: Socket }
      connection.cork()
      for (const message of messages) socket.send(JSON.stringify(message))
      connection.uncork()
    }
    say({ type: 'connection_init', payload: { authorization: basic('part') } })
    await until(() => told.length === 1, 'it is let in')
    const [sid = ''] = openRooms()
    const ask = (query: string) => ({ id: '1', type: 'subscribe', payload: { query } })
    const release = hold()
    say(ask(`{ old: conference(sid: "${sid}") { sid } }`))
    await untilIs({ watches: 0, inFlight: 1, waiting: 0 })
    release()
    hold(() => false)
    say({ id: '1', type: 'complete' }, ask(`{ fresh: conference(sid: "${sid}") { sid } }`))
    await until(() => told.some(({ type }) => type === 'complete'), 'the other is answered')
    expect(told.slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { fresh: { sid } } } },
      { id: '1', type: 'complete' },
    ])
    socket.close()
  })

  it('a mutation that was sent tells those who watch when it is done', async () => {
    const slow = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '60000' } })
    onTestFinished(() => slow.close())
    const { rows } = slow.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const { sid: callSid } = rows.addCall({ account_sid: account, conference_sid: sid })
    const client = connect(slow)
    const watched = send(watchOf(sid), client)
    await until(() => watched.results.length === 1, 'the watch begins')
    const { promise, resolve: release } = Promise.withResolvers<undefined>()
    slow.sandbox.intercept(({ method }) => (method === 'POST' ? promise : undefined))
    const id = idOf('Participant', account, sid, callSid)
    const { leave } = send(
      `mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`,
      client,
    )
    await until(() => slow.sandbox.requests.some(({ method }) => method === 'POST'), 'the change is sent')
    leave()
    // That it was given up is told as well, and nothing has changed by then.
    await setTimeout(500)
    expect(watched.results).toHaveLength(1)
    release(undefined)
    await until(() => watched.results.length === 2, 'what was done is told')
  })

  it('a mutation that was sent lets it go on', async () => {
    const [sid = ''] = openRooms()
    const { sid: callSid } = gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid })
    const { promise, resolve: release } = Promise.withResolvers<undefined>()
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? promise : undefined))
    const id = idOf('Participant', account, sid, callSid)
    const { leave } = send(`mutation { muteParticipant(input: { participantId: "${id}" }) { userErrors { code } } }`)
    const isSent = () => gateway.sandbox.requests.some(({ method }) => method === 'POST')
    await until(isSent, 'the change is sent')
    leave()
    await until(async () => (await metrics()).includes('type="mutation"'), 'the operation is over')
    expect(await figures()).toEqual({ watches: 0, inFlight: 1, waiting: 0 })
    release(undefined)
    await until(
      async () => (await metrics()).includes('{resource="participant",outcome="2xx"} 1'),
      'the change is done',
    )
    expect(gateway.sandbox.rows.callsIn(sid).map(({ muted }) => muted)).toEqual([true])
  })
})
