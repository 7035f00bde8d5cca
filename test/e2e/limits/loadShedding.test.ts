import { afterEach, beforeEach, expect, it } from 'vitest'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

const REFUSAL = {
  errors: [
    {
      message: 'The gateway is overloaded: retry in 1 s.',
      extensions: { code: 'OVERLOADED', retryAfter: 1, requestId: expect.any(String) },
    },
  ],
}

let isOverloaded = false
let gateway: TestGateway
beforeEach(async () => {
  isOverloaded = false
  gateway = await startGateway({ isOverloaded: () => isOverloaded })
})
afterEach(() => gateway.close())

const send = (accept: string, body: string) => {
  const headers = { accept, authorization: basic('conf137'), 'content-type': 'application/json' }
  return fetch(gateway.url, { method: 'POST', headers, body })
}

it.each(['application/json', 'application/graphql-response+json', 'multipart/mixed', 'text/event-stream'])(
  'while the event loop lags, operations of the type %s are refused with status 503 before the body is parsed',
  async accept => {
    isOverloaded = true
    const refused = await send(accept, '{ not JSON')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toEqual(REFUSAL)
    isOverloaded = false
    expect((await send(accept, '{"query":"{ __typename }"}')).status).toBe(200)
  },
)

it('while the event loop lags, operations over a WebSocket are OVERLOADED, and the connection stays usable', async () => {
  isOverloaded = true
  expect((await queryByWebSocket(gateway, { query: '{ not GraphQL' })).errors).toEqual(REFUSAL.errors)
  isOverloaded = false
  expect((await queryByWebSocket(gateway, { query: '{ __typename }' })).errors).toBeUndefined()
})

it('while the event loop lags, /health and /ready are answered', async () => {
  isOverloaded = true
  const statuses = ['/health', '/ready'].map(async path => (await fetch(new URL(path, gateway.url))).status)
  expect(await Promise.all(statuses)).toEqual([200, 200])
})
