import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const MAX_BODY_BYTES = 2_048

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { MAX_BODY_BYTES: String(MAX_BODY_BYTES) } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

/** A valid request body with a length of exactly `bytes`. */
const bodyOf = (bytes: number): string => {
  const text = JSON.stringify({ query: '{ viewer { sid } }', variables: { pad: '' } })
  return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
}

const headers = { 'content-type': 'application/json', authorization: basic('conf137') }

const post = (chunks: readonly string[], extraHeaders: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; connection: string | undefined; body: string }>((resolve, reject) => {
    const outgoing = request(
      gateway.url,
      { method: 'POST', headers: { ...headers, ...extraHeaders } },
      async response => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode, connection: response.headers.connection, body: text })
      },
    )
    outgoing.on('error', reject)
    for (const chunk of chunks) outgoing.write(chunk)
    outgoing.end()
  })

const TOO_LARGE = {
  errors: [
    {
      message: `The body is larger than ${MAX_BODY_BYTES} bytes (MAX_BODY_BYTES).`,
      extensions: { code: 'BODY_TOO_LARGE', requestId: expect.any(String) },
    },
  ],
}

describe('HTTP request body', () => {
  it.each([
    ['with a content-length', { 'content-length': String(MAX_BODY_BYTES) }],
    ['in chunks', {}],
  ])('a request body of the maximum size is accepted %s', async (_title, extraHeaders: Record<string, string>) => {
    const { status, body: text } = await post(
      [bodyOf(MAX_BODY_BYTES).slice(0, 100), bodyOf(MAX_BODY_BYTES).slice(100)],
      extraHeaders,
    )
    expect(status).toBe(200)
    expect(JSON.parse(text)).toHaveProperty('data.viewer.sid')
  })

  it.each([
    ['with a content-length', { 'content-length': String(MAX_BODY_BYTES + 1) }],
    ['in chunks', {}],
  ])(
    'a request body of one byte more than the maximum is rejected %s, without upstream requests',
    async (_title, extraHeaders: Record<string, string>) => {
      const { status, connection, body: text } = await post([bodyOf(MAX_BODY_BYTES + 1)], extraHeaders)
      expect(status).toBe(413)
      expect(connection).toBe('close')
      expect(JSON.parse(text)).toEqual(TOO_LARGE)
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  const openRawRequest = async (head: string) => {
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.on('data', data => {
      received += data
    })
    socket.on('error', () => undefined)
    const closed = once(socket, 'close')
    socket.write(`POST /graphql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n${head}`)
    return { socket, closed, received: () => received }
  }

  it('a too large content-length is rejected before the body arrives', async () => {
    const { closed, received } = await openRawRequest('Content-Length: 1000000000\r\n\r\n')
    await closed
    expect(received()).toContain('HTTP/1.1 413')
    expect(received()).toContain('BODY_TOO_LARGE')
  })

  it('an endless chunked request body is rejected at the limit, and the connection is closed', async () => {
    const { socket, closed, received } = await openRawRequest('Transfer-Encoding: chunked\r\n\r\n')
    let sentChars = 0
    const chunk = 'x'.repeat(1_000)
    const sending = setInterval(() => {
      if (socket.writable) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      sentChars += chunk.length
    }, 5)
    await closed
    clearInterval(sending)
    expect(received()).toContain('HTTP/1.1 413')
    expect(sentChars).toBeLessThan(1_000_000)
  })

  it('the gateway serves other requests after a client disconnects in the middle of a request body', async () => {
    const { socket, closed } = await openRawRequest('Content-Length: 100\r\n\r\n{"query"')
    // The gateway receives the end of the connection after the sent part of the body.
    socket.end()
    await closed
    expect((await gateway.query('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  it.each(['{', '', '{"query":"{ viewer { sid } }"', 'secret'])(
    'a request body of invalid JSON is a 400, without a quote of the body: %j',
    async text => {
      const { status, body: responseBody } = await post([text])
      expect(status).toBe(400)
      expect(JSON.parse(responseBody)).toMatchObject({
        errors: [
          {
            message: 'The body is not valid JSON: expected an object with `query`.',
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      })
      expect(responseBody).not.toContain('secret')
    },
  )

  it.each(['null', '5', '"text"', '{}', '[]', '[5]', '{"query":5}', '{"query":null}'])(
    'a JSON request body that is not a GraphQL request is BAD_REQUEST: %s',
    async text => {
      const { body: responseBody } = await post([text])
      expect(JSON.parse(responseBody)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
    },
  )

  it.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'nonsense'])(
    'a request with the content-encoding %s is rejected before the body arrives',
    async encoding => {
      const { socket, received } = await openRawRequest(`Content-Encoding: ${encoding}\r\nContent-Length: 100\r\n\r\n`)
      await waitUntil(() => received().includes('}]}'), 'a response is received')
      socket.destroy()
      expect(received()).toContain('HTTP/1.1 415')
      expect(received()).toMatch(/^accept-encoding: identity\r$/im)
      expect(JSON.parse(/\{.*\}/.exec(received())?.[0] ?? '')).toEqual({
        errors: [
          {
            message: 'Compressed bodies are not supported: send the body without `content-encoding`.',
            extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', requestId: expect.any(String) },
          },
        ],
      })
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it.each(['identity', 'Identity', ' identity ', ''])(
    'a request with the content-encoding %j is accepted',
    async encoding => {
      const { status, body: text } = await post([bodyOf(100)], { 'content-encoding': encoding })
      expect([status, JSON.parse(text)]).toMatchObject([200, { data: { viewer: { sid: expect.any(String) } } }])
    },
  )

  it('a request of type application/graphql with the query as body is accepted', async () => {
    const { status, body: text } = await post(['{ viewer { sid } }'], { 'content-type': 'application/graphql' })
    expect([status, JSON.parse(text)]).toMatchObject([200, { data: { viewer: { sid: expect.any(String) } } }])
  })
})

describe('size of WebSocket messages', () => {
  const resultOfMessage = (bytes: number) =>
    new Promise<number | string>(resolve => {
      const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
      socket.on('open', () => socket.send('{"type":"connection_init"}'))
      socket.on('message', data => {
        const { type } = JSON.parse(String(data)) as { type: string }
        if (type !== 'connection_ack') {
          socket.close()
          resolve(type)
          return
        }
        const text = JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: { query: '{ __typename }', variables: { pad: '' } },
        })
        socket.send(text.replace('""', `"${'x'.repeat(bytes - text.length)}"`))
      })
      socket.on('close', resolve)
    })

  it('a WebSocket message of the maximum size is accepted, and one byte more closes the connection', async () => {
    const consoleError = vi.spyOn(console, 'error')
    expect(await resultOfMessage(MAX_BODY_BYTES)).toBe('next')
    expect(await resultOfMessage(MAX_BODY_BYTES + 1)).toBe(1009)
    expect(consoleError).not.toHaveBeenCalled()
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})
