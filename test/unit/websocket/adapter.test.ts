import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { makeServer, type Server } from 'graphql-ws'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { attachSocket, type WebSocketClient } from '../../../src/websocket/adapter.ts'
import { VerificationQueue } from '../../../src/websocket/verificationQueue.ts'
import { waitUntil } from '../../support/waitUntil.ts'

/** Connects a client; returns the client socket and the server socket. */
const connectClient = async (server: Server<WebSocketClient>) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  const opened = new Promise<WebSocket>(resolve => {
    sockets.once('connection', (socket, request) => {
      const client = {
        socket,
        request,
        operations: new Map(),
        slices: new Map(),
        recordUnsentBytes: () => undefined,
        verification: new VerificationQueue(),
      }
      attachSocket(server, client, pino({ level: 'silent' }))
      resolve(socket)
    })
  })
  await once(sockets, 'listening')
  const { port } = sockets.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`, 'graphql-transport-ws')
  onTestFinished(async () => {
    client.terminate()
    await new Promise(resolve => sockets.close(resolve))
  })
  const [serverSide] = await Promise.all([opened, once(client, 'open')])
  return { client, serverSide }
}

it('the WebSocket adapter stops reading from a client until the client reads its responses', async () => {
  const MESSAGES = 300
  const answer = 'x'.repeat(100_000)
  const { client, serverSide } = await connectClient({
    opened: ({ onMessage, send }) => {
      onMessage(async () => send(answer))
      return async () => undefined
    },
  })
  let answers = 0
  client.on('message', () => answers++)
  client.pause()
  for (let i = 0; i < MESSAGES; i++) client.send('x'.repeat(10_000))
  await waitUntil(() => serverSide.isPaused, 'the gateway stops reading')
  expect(serverSide.bufferedAmount).toBeLessThan(4_000_000)
  client.resume()
  await waitUntil(() => answers === MESSAGES, 'all responses arrive', 60_000)
  expect(serverSide.isPaused).toBe(false)
})

it('the WebSocket adapter answers a ping without the payload of the ping', async () => {
  const { client } = await connectClient(makeServer({}))
  client.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_000) } }))
  const [message] = await once(client, 'message')
  expect(JSON.parse(String(message))).toEqual({ type: 'pong' })
})
