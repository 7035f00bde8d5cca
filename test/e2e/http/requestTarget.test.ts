import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** What is answered to a request that is sent as it stands, on a connection of its own. */
const answerTo = async (head: readonly string[], body = '', url = gateway.url): Promise<string> => {
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
const ABOUT = ['Content-Type: application/json', `Content-Length: ${BODY.length}`, `Authorization: ${basic('conf137')}`]
const post = (...head: readonly string[]) => answerTo([...head, ...ABOUT], BODY)

const BAD_HOST = [
  ['twice', ['Host: gateway', 'Host: elsewhere']],
  ['twice, and both are the same', ['Host: gateway', 'hOST: gateway']],
  ['with something between', ['Host: gateway', 'Accept: */*', 'Host: gateway']],
  ['that is none', ['Host: [::1']],
  ['with a name and a password', ['Host: me:secret@gateway']],
  ['with a path', ['Host: gateway/graphql']],
  ['that says nothing', ['Host:']],
] as const

const forWebSocket = (hosts: readonly string[]) => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: graphql-transport-ws']
  return answerTo(['GET /graphql HTTP/1.1', ...hosts, ...upgrade, ...key])
}

describe('a request', () => {
  it('is answered with one Host', async () => {
    expect(await post('POST /graphql HTTP/1.1', 'Host: gateway')).toMatch(/^HTTP\/1.1 200 [\s\S]*"viewer":{"sid"/)
    expect(await post('POST /graphql HTTP/1.1', 'Host: [::1]:4000')).toMatch(/^HTTP\/1.1 200 /)
    expect(await post('POST /graphql HTTP/1.0')).toMatch(/^HTTP\/1.1 200 /)
  })

  it.each(BAD_HOST)('is refused with a Host %s', async (_what, hosts) => {
    gateway.sandbox.clearRequests()
    const answer = await post('POST /graphql HTTP/1.1', ...hosts)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '')).toEqual({
      errors: [
        {
          message: 'The request must name one valid host, in one `Host` header.',
          extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) },
        },
      ],
    })
    expect(gateway.asked()).toEqual([])
    expect(await answerTo(['GET /health HTTP/1.1', ...hosts])).toMatch(/^HTTP\/1.1 400 /)
    expect(await answerTo(['GET /health HTTP/1.1', ...hosts], '', gateway.operatorUrl)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('is refused without a Host', async () => {
    expect(await post('POST /graphql HTTP/1.1')).toMatch(/^HTTP\/1.1 400 /)
    expect(await forWebSocket([])).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/)
  })

  it.each(BAD_HOST)('for a WebSocket is refused with a Host %s', async (_what, hosts) => {
    expect(await forWebSocket(hosts)).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/)
  })
})

describe('a request with an absolute target', () => {
  it.each([
    ['POST http://gateway/graphql HTTP/1.1', 'Host: gateway'],
    ['POST HTTPS://gateway:8443/graphql HTTP/1.1', 'Host: elsewhere'],
    ['POST http://[::1]:4000/graphql?a=b HTTP/1.1', 'Host: gateway'],
    ['POST http://gateway/graphql HTTP/1.0', 'Accept: application/json'],
  ])('is answered by its path: %s', async (...head) => {
    expect(await post(...head)).toMatch(/^HTTP\/1.1 200 [\s\S]*"viewer":{"sid"/)
  })

  it('may have a query', async () => {
    const answer = await answerTo(['GET http://gateway/graphql?query={__typename} HTTP/1.1', 'Host: gateway'])
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*"__typename":"Query"/)
  })

  it.each(['http://gateway', 'http://gateway?a=b'])('and no path is one for the top: %s', async target => {
    const answer = await answerTo([`GET ${target} HTTP/1.1`, 'Host: gateway'])
    expect(answer).toMatch(/^HTTP\/1.1 302 [\s\S]*location: \/graphql/i)
  })

  it('finds the pages beside the graph, and those for operators', async () => {
    const head = ['GET http://gateway/health HTTP/1.1', 'Host: gateway']
    expect(await answerTo(head)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(head, '', gateway.operatorUrl)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(['GET http://gateway/nothing HTTP/1.1', 'Host: gateway'])).toMatch(/^HTTP\/1.1 404 /)
  })

  it('has the host of the target, whatever Host says', async () => {
    const own = 'Origin: http://gateway'
    expect(await post('POST http://gateway/graphql HTTP/1.1', 'Host: elsewhere', own)).toMatch(/^HTTP\/1.1 200 /)
    const foreign = await post('POST http://elsewhere/graphql HTTP/1.1', 'Host: gateway', own)
    expect(foreign).toMatch(/^HTTP\/1.1 403 [\s\S]*"code":"CROSS_ORIGIN"/)
  })

  it.each([
    ['http:///graphql', 'Host: gateway'],
    ['http://me:secret@gateway/graphql', 'Host: gateway'],
    ['http://gateway/graphql', 'Host: a b'],
    ['http://gateway/graphql', 'Host: gateway\r\nHost: gateway'],
  ])('is refused without a host that may count: %s, %s', async (target, host) => {
    expect(await post(`POST ${target} HTTP/1.1`, host)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('may be one for a WebSocket', async () => {
    const upgrade = ['Host: gateway', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    // Without a key there is none, but who says so is the WebSocket's own door.
    const answer = await answerTo(['GET http://gateway/graphql HTTP/1.1', ...upgrade])
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*Sec-WebSocket-Key/)
  })
})
