import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { until } from '../../support/waitFor.ts'

const LIMIT = 2_048

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { MAX_BODY_BYTES: String(LIMIT) } })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(() => gateway.close())

/** A request of exactly so many bytes. */
const body = (bytes: number): string => {
  const text = JSON.stringify({ query: '{ viewer { sid } }', variables: { pad: '' } })
  return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
}

const headers = { 'content-type': 'application/json', authorization: basic('conf137') }

const answerOf = (chunks: readonly string[], more: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; connection: string | undefined; body: string }>((resolve, reject) => {
    const sending = request(gateway.url, { method: 'POST', headers: { ...headers, ...more } }, async response => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, connection: response.headers.connection, body: text })
    })
    sending.on('error', reject)
    for (const chunk of chunks) sending.write(chunk)
    sending.end()
  })

const TOO_LARGE = {
  errors: [
    {
      message: `The body is larger than ${LIMIT} bytes (MAX_BODY_BYTES).`,
      extensions: { code: 'BODY_TOO_LARGE', requestId: expect.any(String) },
    },
  ],
}

describe('a body', () => {
  it.each([
    ['that says its length', { 'content-length': String(LIMIT) }],
    ['that comes in chunks', {}],
  ])('of the largest size is read, %s', async (_how, more: Record<string, string>) => {
    const { status, body: text } = await answerOf([body(LIMIT).slice(0, 100), body(LIMIT).slice(100)], more)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toHaveProperty('data.viewer.sid')
  })

  it.each([
    ['that says its length', { 'content-length': String(LIMIT + 1) }],
    ['that comes in chunks', {}],
  ])('of one byte more is refused, %s, and nothing is sent', async (_how, more: Record<string, string>) => {
    const { status, connection, body: text } = await answerOf([body(LIMIT + 1)], more)
    expect(status).toBe(413)
    expect(connection).toBe('close')
    expect(JSON.parse(text)).toEqual(TOO_LARGE)
    expect(gateway.asked()).toEqual([])
  })

  const raw = async (head: string) => {
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

  it('is refused by the length that it says, before any of it has come', async () => {
    const { closed, received } = await raw('Content-Length: 1000000000\r\n\r\n')
    await closed
    expect(received()).toContain('HTTP/1.1 413')
    expect(received()).toContain('BODY_TOO_LARGE')
  })

  it('without an end is refused once it is too long, and the connection closed', async () => {
    const { socket, closed, received } = await raw('Transfer-Encoding: chunked\r\n\r\n')
    let sent = 0
    const chunk = 'x'.repeat(1_000)
    const sending = setInterval(() => {
      if (socket.writable) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      sent += chunk.length
    }, 5)
    await closed
    clearInterval(sending)
    expect(received()).toContain('HTTP/1.1 413')
    expect(sent).toBeLessThan(1_000_000)
  })

  it('that its client does not finish leaves the gateway as it was', async () => {
    const { socket, closed } = await raw('Content-Length: 100\r\n\r\n{"query"')
    await new Promise(resolve => setTimeout(resolve, 50))
    socket.destroy()
    await closed
    expect((await gateway.query('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  it.each(['{', '', '{"query":"{ viewer { sid } }"', 'secret'])(
    'that is not JSON is a 400 that does not repeat it: %j',
    async text => {
      const { status, body: answer } = await answerOf([text])
      expect(status).toBe(400)
      expect(JSON.parse(answer)).toMatchObject({
        errors: [{ message: 'The body is not JSON.', extensions: { code: 'BAD_REQUEST' } }],
      })
      expect(answer).not.toContain('secret')
    },
  )

  it.each(['null', '5', '"text"', '{}', '[]', '[5]', '{"query":5}', '{"query":null}'])(
    'that is no question is refused: %s',
    async text => {
      const { body: answer } = await answerOf([text])
      expect(JSON.parse(answer)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
    },
  )

  it.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'nonsense'])(
    'that is encoded is refused before any of it has come, and nothing is sent: %s',
    async encoding => {
      const { socket, received } = await raw(`Content-Encoding: ${encoding}\r\nContent-Length: 100\r\n\r\n`)
      await until(() => received().includes('}]}'), 'it is answered')
      socket.destroy()
      expect(received()).toContain('HTTP/1.1 415')
      expect(received()).toMatch(/^accept-encoding: identity\r$/im)
      expect(JSON.parse(/\{.*\}/.exec(received())?.[0] ?? '')).toEqual({
        errors: [
          {
            message: 'Send the body as it is, without a `content-encoding`.',
            extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', requestId: expect.any(String) },
          },
        ],
      })
      expect(gateway.asked()).toEqual([])
    },
  )

  it.each(['identity', 'Identity', ' identity ', ''])('that says it is not encoded is read: %j', async encoding => {
    const { status, body: text } = await answerOf([body(100)], { 'content-encoding': encoding })
    expect([status, JSON.parse(text)]).toMatchObject([200, { data: { viewer: { sid: expect.any(String) } } }])
  })

  it('may be the query itself, as application/graphql', async () => {
    const { status, body: text } = await answerOf(['{ viewer { sid } }'], { 'content-type': 'application/graphql' })
    expect([status, JSON.parse(text)]).toMatchObject([200, { data: { viewer: { sid: expect.any(String) } } }])
  })
})

describe('a message by WebSocket', () => {
  const codeAfter = (bytes: number) =>
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

  it('of the largest size is read, and of one byte more closes the connection', async () => {
    const complaints = vi.spyOn(console, 'error')
    expect(await codeAfter(LIMIT)).toBe('next')
    expect(await codeAfter(LIMIT + 1)).toBe(1009)
    expect(complaints).not.toHaveBeenCalled()
    expect(gateway.asked()).toEqual([])
  })
})
