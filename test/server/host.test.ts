import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, startGateway, type TestGateway } from '../support/gateway.ts'

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
          message: 'The request must have one `Host`, and a host in it.',
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
  })

  it.each(BAD_HOST)('for a WebSocket is refused with a Host %s', async (_what, hosts) => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
    const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: graphql-transport-ws']
    const answer = await answerTo(['GET /graphql HTTP/1.1', ...hosts, ...upgrade, ...key])
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/)
  })
})
