import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const MEBIBYTE = 1_048_576
/** About 8 MB, more than the kernel buffers of a connection. */
const LARGE = `{ ${Array.from({ length: 5 }, (_, i) => `a${i}: conferences(first: 500) { nodes { ...F } }`).join(' ')} }
  fragment F on Conference { ${Array.from({ length: 13 }, (_, i) => `b${i}: friendlyName`).join(' ')} }`

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway({
    env: { MAX_QUERY_COST: '1000000000', LIVE_POLL_INTERVAL_MS: '50' },
    config: { operations: { maxUnsentBytes: 16 * MEBIBYTE } },
  })
  for (let i = 0; i < 500; i++) {
    const account_sid = accountOf('conf0').sid
    gateway.sandbox.rows.addConference({ account_sid, status: 'COMPLETED', friendly_name: 'x'.repeat(255) })
  }
  // The first query of each client is the first whose credentials Restcomm accepts.
  for (const as of ['conf50', 'conf50', 'conf0']) await gateway.query('{ viewer { sid } }', { as })
})
afterEach(() => gateway.close())

const closedConnections = () =>
  gateway.logged
    .map(line => JSON.parse(line) as { msg: string; connections?: number })
    .filter(({ msg }) => msg === 'connections of slow readers closed')
    .reduce((sum, { connections = 0 }) => sum + connections, 0)

const openSocket = (): Socket => {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket.pause()
}

const requestOf = (query: string, accept: string) => {
  const body = JSON.stringify({ query })
  const lines = ['POST /graphql HTTP/1.1', 'Host: gateway', `Authorization: ${basic('conf0')}`, `Accept: ${accept}`]
  return `${[...lines, 'Content-Type: application/json', `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`
}

describe('clients that do not read their responses', () => {
  it.each([
    ['single responses', LARGE, 'application/json'],
    ['responses with deferred parts', LARGE.replace('{', '{ ... @defer { viewer { sid } }'), 'multipart/mixed'],
  ])(
    'connections with %s are closed above half of the maximum of all unsent bytes, and a second client is served',
    async (_what, query, accept) => {
      const sockets = Array.from({ length: 4 }, openSocket)
      for (const socket of sockets) socket.write(requestOf(query, accept))
      await waitUntil(() => closedConnections() >= 1, 'connections are closed')
      expect((await gateway.query('{ viewer { sid } }', { as: 'conf50' })).errors).toBeUndefined()
    },
  )

  it('the pipelined requests of one connection count together', async () => {
    const socket = openSocket()
    socket.write(requestOf(LARGE, 'application/json').repeat(4))
    await waitUntil(() => closedConnections() >= 1, 'the connection is closed')
  })

  it('a WebSocket with unread responses is closed', async () => {
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
    onTestFinished(() => socket.terminate())
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: basic('conf0') } }))
    await once(socket, 'message')
    socket.pause()
    for (let i = 0; i < 4; i++) {
      socket.send(JSON.stringify({ id: `o${i}`, type: 'subscribe', payload: { query: LARGE } }))
    }
    await waitUntil(() => closedConnections() >= 1, 'the connection is closed')
  })

  it('an event stream with unread events is closed', async () => {
    const { rows } = gateway.sandbox
    const account_sid = accountOf('conf0').sid
    const { sid } = rows.addConference({ account_sid, status: 'RUNNING_MODERATOR_PRESENT' })
    const fields = Array.from({ length: 5 }, (_, i) => `a${i}: conferences(first: 500) { nodes { ...F } }`).join(' ')
    const query = `subscription { conferenceEvents(conferenceId: "${nodeIdOf('Conference', account_sid, sid)}") {
      ... on ConferenceSnapshot { conference { account { ${fields} } } } } }
      fragment F on Conference { ${Array.from({ length: 13 }, (_, i) => `b${i}: friendlyName`).join(' ')} }`
    const sockets = Array.from({ length: 4 }, openSocket)
    for (const socket of sockets) socket.write(requestOf(query, 'text/event-stream'))
    await waitUntil(() => closedConnections() >= 1, 'connections are closed')
  })
})
