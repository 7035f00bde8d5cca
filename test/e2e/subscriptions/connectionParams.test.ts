import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { usedHeapBytes } from '../../support/heap.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const connect = async (payload: unknown): Promise<WebSocket> => {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  return socket
}

const acknowledged = async (payload: unknown): Promise<WebSocket> => {
  const socket = await connect(payload)
  const [message] = await once(socket, 'message')
  expect(JSON.parse(String(message))).toEqual({ type: 'connection_ack' })
  return socket
}

describe('the payload of connection_init', { timeout: 60_000 }, () => {
  it('the payload of connection_init is not kept in memory, except for the credentials', async () => {
    const authorization = basic('conf137')
    const large = () => ({ authorization, more: Array.from({ length: 60_000 }, (_, i) => i + 0.5) })
    const sockets = [await acknowledged(large())]
    const before = usedHeapBytes()
    while (sockets.length < 30) sockets.push(await acknowledged(large()))
    expect((usedHeapBytes() - before) / 1_048_576).toBeLessThan(10)
    const [socket = await acknowledged({})] = sockets
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { sid } }' } }))
    const [message] = await once(socket, 'message')
    expect(JSON.parse(String(message))).toMatchObject({ payload: { data: { viewer: { sid: expect.any(String) } } } })
  })

  it('a connection_init with credentials beyond the HTTP header limit closes the connection with 4403', async () => {
    await acknowledged({ authorization: 'x'.repeat(16_384) })
    const [code] = await once(await connect({ authorization: 'x'.repeat(16_385) }), 'close')
    expect(code).toBe(4403)
  })

  it.each([undefined, {}, { authorization: null }, { authorization: { of: ['none'] } }])(
    'the payload of connection_init may lack credentials: %j',
    async payload => {
      await acknowledged(payload)
    },
  )
})
