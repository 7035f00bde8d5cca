import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { startHttpServer } from '../../../src/http/httpServer.ts'
import { StalledSockets } from '../../../src/http/stalledSockets.ts'
import type { ConfigOverrides } from '../../support/config.ts'
import { accountOf, basic, startGateway } from '../../support/gateway.ts'
import { startSlowRestcomm } from '../../support/slowRestcomm.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const start = async (connections: ConfigOverrides['connections'] = {}, restcommUrl?: string) => {
  const gateway = await startGateway({ config: { connections }, ...(restcommUrl !== undefined && { restcommUrl }) })
  onTestFinished(() => gateway.close())
  return Number(new URL(gateway.url).port)
}

interface Client {
  readonly socket: Socket
  received(): string
  /** Resolves with everything received, when the connection is closed. */
  readonly closed: Promise<string>
}

const open = (port: number): Client => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
  })
  let received = ''
  socket.setEncoding('utf8').on('data', text => {
    received += text
  })
  return { socket, received: () => received, closed: once(socket, 'close').then(() => received) }
}

/** Sends one byte at a time until the connection is closed. */
const trickle = async ({ socket }: Client, text: string) => {
  for (const letter of text) {
    if (socket.destroyed || !socket.writable) return
    socket.write(letter)
    await sleep(50)
  }
}

const GET = 'GET /health HTTP/1.1\r\nHost: gateway\r\n'
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'
const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

it('the time-out for receiving answers 408 to slow clients, closes silent connections silently, logs no error, and ends no event stream', async () => {
  const gateway = await startGateway({
    env: { LIVE_POLL_INTERVAL_MS: '50' },
    config: { connections: { receiveTimeoutMs: 900 } },
  })
  onTestFinished(() => gateway.close())
  const openClient = () => open(Number(new URL(gateway.url).port))
  const stream = openClient()
  const query = encodeURIComponent(
    'subscription { accountEvents { ... on ConferenceStarted { conference { friendlyName } } } }',
  )
  stream.socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n`)
  stream.socket.write(`Authorization: ${basic('part')}\r\n\r\n`)
  await once(stream.socket, 'data')

  const [slowHead, slowBody, silent] = [openClient(), openClient(), openClient()]
  void trickle(slowHead, `${GET}X-Slow: ${'x'.repeat(1_000)}`)
  slowBody.socket.write('POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n')
  slowBody.socket.write('Content-Length: 1000\r\n\r\n{"query":')
  expect(await Promise.all([slowHead.closed, slowBody.closed, silent.closed])).toEqual([TIMEOUT, TIMEOUT, ''])
  expect(gateway.logged.filter(line => /unexpected (WebSocket )?error/.test(line))).toEqual([])
  gateway.sandbox.rows.addConference({ account_sid: accountOf('part').sid, friendly_name: 'Latecomers' })
  await expect.poll(() => stream.received()).toContain('Latecomers')
})

describe('the time-out for sending', () => {
  const MAX_IDLE_CHECKS = 3
  const MEBIBYTE = 1_048_576
  /** Exceeds the kernel buffers of both sides. */
  const LARGE = Buffer.alloc(64 * MEBIBYTE)

  /** Starts a server with manual checks, a client, and the server side of its connection. */
  const serveOneClient = async (serve: (socket: Socket) => void) => {
    const server = createServer()
    const stalledSockets = new StalledSockets(server, MAX_IDLE_CHECKS)
    server.on('request', ({ socket }) => serve(socket))
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.pause().write(`${GET}\r\n`)
    const [{ socket }] = (await once(server, 'request')) as [{ socket: Socket }]
    return { stalledSockets, client, socket }
  }

  const check = (stalledSockets: StalledSockets) => {
    for (let i = 0; i <= MAX_IDLE_CHECKS; i++) stalledSockets.destroyStalled()
  }

  it('a client that reads nothing is disconnected after the maximum number of idle checks', async () => {
    const { stalledSockets, socket } = await serveOneClient(socket => void socket.write(LARGE))
    for (let i = 0; i < MAX_IDLE_CHECKS; i++) stalledSockets.destroyStalled()
    expect(socket.destroyed).toBe(false)
    check(stalledSockets)
    expect(socket.destroyed).toBe(true)
  })

  it('a client that reads slowly stays connected despite the time-out for sending', async () => {
    const { stalledSockets, client, socket } = await serveOneClient(socket => void socket.write(LARGE))
    let received = 0
    client.on('data', ({ length }) => {
      received += length
    })
    for (let next = 8 * MEBIBYTE; next <= LARGE.length; next += 8 * MEBIBYTE) {
      client.resume()
      await waitUntil(() => received >= next, 'more data arrives')
      client.pause()
      stalledSockets.destroyStalled()
      expect(socket.destroyed).toBe(false)
    }
  })

  it('a client that sends data and reads nothing is disconnected after the maximum number of idle checks', async () => {
    const { stalledSockets, client, socket } = await serveOneClient(socket => void socket.write(LARGE))
    for (let i = 0; i <= MAX_IDLE_CHECKS + 1; i++) {
      const { bytesRead } = socket
      client.write(GET.charAt(i))
      await waitUntil(() => socket.bytesRead > bytesRead, 'the server receives data')
      stalledSockets.destroyStalled()
    }
    expect(socket.destroyed).toBe(true)
  })

  it('a client without pending data stays connected despite the time-out for sending', async () => {
    const { stalledSockets, client, socket } = await serveOneClient(socket => void socket.write('hello'))
    client.resume()
    await once(client, 'data')
    check(stalledSockets)
    check(stalledSockets)
    expect(socket.destroyed).toBe(false)
  })

  it('the time-out for sending disconnects a client that does not read an event stream', async () => {
    let closed: Promise<unknown> | undefined
    const handle: RequestListener = ({ socket }, response) => {
      closed = once(socket, 'close')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(LARGE)
    }
    const connections = { ...readConfig({}).connections, sendTimeoutMs: 200 }
    const server = await startHttpServer({ handle }, { ...connections, host: '127.0.0.1', port: 0 })
    const { socket } = open(server.port)
    socket.pause().write(`${GET}\r\n`)
    await waitUntil(() => closed !== undefined, 'the request arrives')
    await closed
    await server.close()
  })
})

/** Resolves when the server has accepted all earlier connections, because servers accept in the order of arrival. */
const waitForAccept = async (port: number) => {
  const { socket } = open(port)
  socket.write(`${GET}\r\n`)
  await once(socket, 'data')
  socket.destroy()
}

describe('closing a server', () => {
  it('closing the HTTP server answers a request on a new connection, and closes silent connections', async () => {
    const answer: RequestListener = (_request, response) => void response.end('heard')
    const limits = { keepAliveTimeoutMs: 60_000, receiveTimeoutMs: 60_000, sendTimeoutMs: 60_000, maxConnections: 10 }
    const server = await startHttpServer({ handle: answer }, { host: '127.0.0.1', port: 0, ...limits })
    const clients = [open(server.port), open(server.port)]
    await Promise.all(clients.map(({ socket }) => once(socket, 'connect')))
    await waitForAccept(server.port)
    const stopped = server.close()
    clients[0]?.socket.write(`${GET}\r\n`)
    await stopped
    const [answered, silent] = await Promise.all(clients.map(({ closed }) => closed))
    expect(answered).toContain('heard')
    expect(silent).toBe('')
  })

  it('closing the HTTP server calls drain once no connection can send a new request', async () => {
    let streamingResponse: ServerResponse | undefined
    const handle: RequestListener = (_request, response) => {
      streamingResponse = response
      response.write('begun')
    }
    const limits = { keepAliveTimeoutMs: 60_000, receiveTimeoutMs: 60_000, sendTimeoutMs: 60_000, maxConnections: 10 }
    const server = await startHttpServer({ handle }, { host: '127.0.0.1', port: 0, ...limits })
    const client = open(server.port)
    await once(client.socket, 'connect')
    await waitForAccept(server.port)
    const stopped = server.close(async () => {
      expect(streamingResponse).toBeDefined()
      streamingResponse?.end(', ended')
    })
    client.socket.write(`${GET}\r\n`)
    await stopped
    expect(await client.closed).toMatch(/begun[\s\S]*, ended/)
  })
})

describe('malformed requests', () => {
  it.each([
    ['text that is not HTTP', 'hello\r\n\r\n'],
    ['an invalid length', `${GET}Content-Length: 1, 2\r\n\r\n`],
    ['two lengths, as in request smuggling', `${GET}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['an invalid header', `${GET}: x\r\n\r\n`],
    ['a NUL byte', `${GET}X: a\0b\r\n\r\n`],
  ])('the gateway answers %s with a bare 400 status line', async (_what, text) => {
    const client = open(await start())
    client.socket.write(text)
    expect(await client.closed).toBe(BAD_REQUEST)
  })

  it.each([
    ['an invalid chunk length', 'Transfer-Encoding: chunked\r\n\r\nZZ\r\n'],
    ['a missing chunk end', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello, hello'],
    ['a transfer encoding without a known end', 'Transfer-Encoding: gzip\r\n\r\n'],
  ])('the gateway answers a body with %s with a bare 400 status line', async (_what, rest) => {
    const client = open(await start())
    client.socket.write('POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n')
    client.socket.write(rest)
    expect(await client.closed).toBe(BAD_REQUEST)
  })

  it('the gateway answers 431 to more than 16 KiB of headers', async () => {
    const client = open(await start())
    client.socket.write(`${GET}X: ${'x'.repeat(17_000)}\r\n\r\n`)
    expect(await client.closed).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n')
  })

  it('a malformed request closes the connection silently while an earlier request is in progress', async () => {
    const restcomm = await startSlowRestcomm(300)
    const client = open(await start({}, restcomm.url))
    const query = encodeURIComponent('{ viewer { friendlyName } }')
    client.socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nHost: gateway\r\n`)
    client.socket.write(`Authorization: ${restcomm.authorization}\r\n\r\n`)
    await restcomm.waitForRequests(1)
    client.socket.write('hello\r\n\r\n')
    expect(await client.closed).toBe('')
  })
})

describe('idle connections', () => {
  it('idle connections stay open longer than the idle timeout of common load balancers', async () => {
    const client = open(await start())
    client.socket.write(`${GET}\r\n`)
    const [head] = (await once(client.socket, 'data')) as [string]
    expect(head).toContain('\r\nKeep-Alive: timeout=72\r\n')
  })

  it('idle connections are closed after KEEP_ALIVE_TIMEOUT_MS', async () => {
    const client = open(await start({ keepAliveTimeoutMs: 1_000 }))
    client.socket.write(`${GET}\r\n`)
    const [head] = (await once(client.socket, 'data')) as [string]
    expect(head).toContain('\r\nKeep-Alive: timeout=1\r\n')
    const startedAt = performance.now()
    await client.closed
    expect(performance.now() - startedAt).toBeGreaterThan(900)
  })
})

it('connections above the maximum are closed on arrival, and the earlier connections are served', async () => {
  const port = await start({ maxConnections: 2 })
  const [first, second] = [open(port), open(port)]
  await Promise.all([once(first.socket, 'connect'), once(second.socket, 'connect')])
  const third = open(port)
  expect(await third.closed).toBe('')
  second.socket.write(`${GET}\r\n`)
  expect(String((await once(second.socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})
