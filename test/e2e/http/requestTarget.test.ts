import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** Sends raw text on a new connection and returns the raw response. */
const sendRaw = async (head: readonly string[], body = '', url = gateway.url): Promise<string> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('utf8').on('data', text => {
    received += text
  })
  socket.setTimeout(5_000, () => socket.destroy())
  socket.write(`${[...head, 'Connection: close', '', ''].join('\r\n')}${body}`)
  await once(socket, 'close')
  return received
}

const BODY = JSON.stringify({ query: '{ viewer { sid } }' })
const BODY_HEADERS = [
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
  `Authorization: ${basic('conf137')}`,
]
const post = (...head: readonly string[]) => sendRaw([...head, ...BODY_HEADERS], BODY)

const INVALID_HOSTS = [
  ['repeated', ['Host: gateway', 'Host: elsewhere']],
  ['repeated with the same value', ['Host: gateway', 'hOST: gateway']],
  ['repeated with a header in between', ['Host: gateway', 'Accept: */*', 'Host: gateway']],
  ['malformed', ['Host: [::1']],
  ['with user and password', ['Host: me:secret@gateway']],
  ['with a path', ['Host: gateway/graphql']],
  ['empty', ['Host:']],
] as const

const upgradeWith = (hosts: readonly string[]) => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: graphql-transport-ws']
  return sendRaw(['GET /graphql HTTP/1.1', ...hosts, ...upgrade, ...key])
}

describe('Host header', () => {
  it('a request with one Host header is accepted', async () => {
    expect(await post('POST /graphql HTTP/1.1', 'Host: gateway')).toMatch(/^HTTP\/1.1 200 [\s\S]*"viewer":{"sid"/)
    expect(await post('POST /graphql HTTP/1.1', 'Host: [::1]:4000')).toMatch(/^HTTP\/1.1 200 /)
    expect(await post('POST /graphql HTTP/1.0')).toMatch(/^HTTP\/1.1 200 /)
  })

  it.each(INVALID_HOSTS)('a request with a Host header %s is BAD_REQUEST', async (_what, hosts) => {
    gateway.sandbox.clearRequests()
    const answer = await post('POST /graphql HTTP/1.1', ...hosts)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '')).toEqual({
      errors: [
        {
          message: 'Missing, repeated or invalid `Host` header: expected one host name with an optional port.',
          extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) },
        },
      ],
    })
    expect(gateway.takeUpstreamRequests()).toEqual([])
    expect(await sendRaw(['GET /health HTTP/1.1', ...hosts])).toMatch(/^HTTP\/1.1 400 /)
    expect(await sendRaw(['GET /health HTTP/1.1', ...hosts], '', gateway.adminUrl)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('a request without a Host header is BAD_REQUEST', async () => {
    expect(await post('POST /graphql HTTP/1.1')).toMatch(/^HTTP\/1.1 400 /)
    expect(await upgradeWith([])).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/)
  })

  it.each(INVALID_HOSTS)('a WebSocket upgrade with a Host header %s is BAD_REQUEST', async (_what, hosts) => {
    expect(await upgradeWith(hosts)).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/)
  })
})

describe('absolute-form request target', () => {
  it.each([
    ['POST http://gateway/graphql HTTP/1.1', 'Host: gateway'],
    ['POST HTTPS://gateway:8443/graphql HTTP/1.1', 'Host: elsewhere'],
    ['POST http://[::1]:4000/graphql?a=b HTTP/1.1', 'Host: gateway'],
    ['POST http://gateway/graphql HTTP/1.0', 'Accept: application/json'],
  ])('a request with an absolute-form target is routed by the path of the target: %s', async (...head) => {
    expect(await post(...head)).toMatch(/^HTTP\/1.1 200 [\s\S]*"viewer":{"sid"/)
  })

  it('an absolute-form request target may have a query string', async () => {
    const answer = await sendRaw(['GET http://gateway/graphql?query={__typename} HTTP/1.1', 'Host: gateway'])
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*"__typename":"Query"/)
  })

  it.each(['http://gateway', 'http://gateway?a=b'])(
    'an absolute-form request target without a path is the root: %s',
    async target => {
      const answer = await sendRaw([`GET ${target} HTTP/1.1`, 'Host: gateway'])
      expect(answer).toMatch(/^HTTP\/1.1 302 [\s\S]*location: \/graphql/i)
    },
  )

  it('an absolute-form request target reaches /health on both ports, and 404 for unknown paths', async () => {
    const head = ['GET http://gateway/health HTTP/1.1', 'Host: gateway']
    expect(await sendRaw(head)).toMatch(/^HTTP\/1.1 200 /)
    expect(await sendRaw(head, '', gateway.adminUrl)).toMatch(/^HTTP\/1.1 200 /)
    expect(await sendRaw(['GET http://gateway/nothing HTTP/1.1', 'Host: gateway'])).toMatch(/^HTTP\/1.1 404 /)
  })

  it('the origin check uses the host of the absolute-form target instead of the Host header', async () => {
    const own = 'Origin: http://gateway'
    expect(await post('POST http://gateway/graphql HTTP/1.1', 'Host: elsewhere', own)).toMatch(/^HTTP\/1.1 200 /)
    const crossOrigin = await post('POST http://elsewhere/graphql HTTP/1.1', 'Host: gateway', own)
    expect(crossOrigin).toMatch(/^HTTP\/1.1 403 [\s\S]*"code":"CROSS_ORIGIN"/)
  })

  it.each([
    ['http:///graphql', 'Host: gateway'],
    ['http://me:secret@gateway/graphql', 'Host: gateway'],
    ['http://gateway/graphql', 'Host: a b'],
    ['http://gateway/graphql', 'Host: gateway\r\nHost: gateway'],
  ])('an absolute-form request target without a valid host is 400: %s, %s', async (target, host) => {
    expect(await post(`POST ${target} HTTP/1.1`, host)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('an absolute-form request target of a WebSocket upgrade reaches the WebSocket server', async () => {
    const upgrade = ['Host: gateway', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    // The WebSocket server itself rejects the missing key.
    const answer = await sendRaw(['GET http://gateway/graphql HTTP/1.1', ...upgrade])
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*Sec-WebSocket-Key/)
  })
})
