import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { heapUsed } from '../../support/heap.ts'

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

describe('what a client says of itself as its WebSocket begins', { timeout: 60_000 }, () => {
  it('is not kept beside its credentials', async () => {
    const authorization = basic('conf137')
    const large = () => ({ authorization, more: Array.from({ length: 100_000 }, (_, i) => i + 0.5) })
    const sockets = [await acknowledged(large())]
    const before = heapUsed()
    while (sockets.length < 30) sockets.push(await acknowledged(large()))
    expect((heapUsed() - before) / 1_048_576).toBeLessThan(10)
    const [socket = await acknowledged({})] = sockets
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { sid } }' } }))
    const [answer] = await once(socket, 'message')
    expect(JSON.parse(String(answer))).toMatchObject({ payload: { data: { viewer: { sid: expect.any(String) } } } })
  })

  it('is refused where its credentials are larger than those of HTTP can be', async () => {
    await acknowledged({ authorization: 'x'.repeat(16_384) })
    const [code] = await once(await connect({ authorization: 'x'.repeat(16_385) }), 'close')
    expect(code).toBe(4403)
  })

  it.each([undefined, {}, { authorization: null }, { authorization: { of: ['none'] } }])(
    'may be no credentials at all: %j',
    async payload => {
      await acknowledged(payload)
    },
  )
})
