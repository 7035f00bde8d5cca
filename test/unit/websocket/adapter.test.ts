import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { makeServer, type Server } from 'graphql-ws'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Client, openClient } from '../../../src/websocket/adapter.ts'
import { until } from '../../support/waitFor.ts'

/** A client, and the gateway's end of its connection. */
const connected = async (server: Server<Client>) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  const opened = new Promise<WebSocket>(resolve => {
    sockets.once('connection', (socket, request) => {
      openClient(server, { socket, request }, { log: pino({ level: 'silent' }), onComplete: () => undefined })
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
  const [own] = await Promise.all([opened, once(client, 'open')])
  return { client, own }
}

it('a client that does not read its answers is not read either, until it does', async () => {
  const MESSAGES = 1_000
  const answer = 'x'.repeat(100_000)
  const { client, own } = await connected({
    opened: ({ onMessage, send }) => {
      onMessage(async () => send(answer))
      return async () => undefined
    },
  })
  let answers = 0
  client.on('message', () => answers++)
  client.pause()
  for (let i = 0; i < MESSAGES; i++) client.send('x'.repeat(10_000))
  await until(() => own.isPaused, 'the gateway stops reading')
  expect(own.bufferedAmount).toBeLessThan(4_000_000)
  client.resume()
  await until(() => answers === MESSAGES, 'all is answered', 60_000)
  expect(own.isPaused).toBe(false)
})

it('a ping is answered without what came with it', async () => {
  const { client } = await connected(makeServer({}))
  client.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_000) } }))
  const [message] = await once(client, 'message')
  expect(JSON.parse(String(message))).toEqual({ type: 'pong' })
})
