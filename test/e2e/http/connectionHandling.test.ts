import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { listen } from '../../../src/http/listen.ts'
import { Unread } from '../../../src/http/stalledSockets.ts'
import { accountOf, basic, startGateway } from '../../support/gateway.ts'
import { slowRestcomm } from '../../support/slowRestcomm.ts'
import { until } from '../../support/waitFor.ts'

const start = async (env: Record<string, string> = {}, restcommUrl?: string) => {
  const gateway = await startGateway({ env, ...(restcommUrl !== undefined && { restcommUrl }) })
  onTestFinished(() => gateway.close())
  return Number(new URL(gateway.url).port)
}

interface Client {
  readonly socket: Socket
  received(): string
  /** What the gateway had sent when the connection was closed. */
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

/** Says something a byte at a time, until nobody listens any more. */
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

describe('a client that takes its time', () => {
  it('is cut off in the middle of its headers', async () => {
    const client = open(await start({ RECEIVE_TIMEOUT_MS: '900' }))
    void trickle(client, `${GET}X-Slow: ${'x'.repeat(1_000)}`)
    expect(await client.closed).toBe(TIMEOUT)
  })

  it('is cut off in the middle of its body', async () => {
    const gateway = await startGateway({ env: { RECEIVE_TIMEOUT_MS: '900' } })
    onTestFinished(() => gateway.close())
    const client = open(Number(new URL(gateway.url).port))
    client.socket.write('POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n')
    client.socket.write('Content-Length: 1000\r\n\r\n')
    client.socket.write('{"query":')
    expect(await client.closed).toBe(TIMEOUT)
    expect(gateway.logged.filter(line => line.includes('unexpected error'))).toEqual([])
  })

  it('and says nothing at all is told nothing at all', async () => {
    expect(await open(await start({ RECEIVE_TIMEOUT_MS: '900' })).closed).toBe('')
  })

  it('is not one that listens: a stream of events goes on', async () => {
    const gateway = await startGateway({ env: { RECEIVE_TIMEOUT_MS: '300', LIVE_POLL_INTERVAL_MS: '50' } })
    onTestFinished(() => gateway.close())
    const client = open(Number(new URL(gateway.url).port))
    const query = encodeURIComponent('subscription { conferencesChanged { friendlyName } }')
    client.socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n`)
    client.socket.write(`Authorization: ${basic('part')}\r\n\r\n`)
    await once(client.socket, 'data')
    await sleep(2_500)
    gateway.sandbox.rows.addConference({ account_sid: accountOf('part').sid, friendly_name: 'Latecomers' })
    await expect.poll(() => client.received(), { timeout: 5_000 }).toContain('Latecomers')
  })
})

describe('a client that does not read what it is sent', () => {
  const PATIENCE = 3
  const MEBIBYTE = 1_048_576
  /** More than the kernel holds on both ends. */
  const LARGE = Buffer.alloc(64 * MEBIBYTE)

  /** A server whose clients are looked at by hand, and one of them, with the server's end of its connection. */
  const served = async (serve: (socket: Socket) => void) => {
    const server = createServer()
    const unread = new Unread(server, PATIENCE)
    server.on('request', ({ socket }) => serve(socket))
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.pause().write(`${GET}\r\n`)
    const [{ socket }] = (await once(server, 'request')) as [{ socket: Socket }]
    return { unread, client, socket }
  }

  const check = (unread: Unread) => {
    for (let i = 0; i <= PATIENCE; i++) unread.check()
  }

  it('is cut off', async () => {
    const { unread, socket } = await served(socket => void socket.write(LARGE))
    for (let i = 0; i < PATIENCE; i++) unread.check()
    expect(socket.destroyed).toBe(false)
    check(unread)
    expect(socket.destroyed).toBe(true)
  })

  it('is not one that is slow', async () => {
    const { unread, client, socket } = await served(socket => void socket.write(LARGE))
    let received = 0
    client.on('data', ({ length }) => {
      received += length
    })
    for (let next = 8 * MEBIBYTE; next <= LARGE.length; next += 8 * MEBIBYTE) {
      client.resume()
      await until(() => received >= next, 'more is received')
      client.pause()
      unread.check()
      expect(socket.destroyed).toBe(false)
    }
  })

  it('is not one for which there is nothing', async () => {
    const { unread, client, socket } = await served(socket => void socket.write('hello'))
    client.resume()
    await once(client, 'data')
    check(unread)
    check(unread)
    expect(socket.destroyed).toBe(false)
  })

  it('is looked for in SEND_TIMEOUT_MS, whatever it is that it does not read', async () => {
    let closed: Promise<unknown> | undefined
    const handle: RequestListener = ({ socket }, response) => {
      closed = once(socket, 'close')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(LARGE)
    }
    const { connections } = readConfig({ SEND_TIMEOUT_MS: '200' })
    const listening = await listen({ handle }, { ...connections, host: '127.0.0.1', port: 0 })
    const { socket } = open(listening.port)
    socket.pause().write(`${GET}\r\n`)
    await until(() => closed !== undefined, 'the request has come')
    await closed
    await listening.stop()
  })
})

describe('a gateway that stops listening', () => {
  it('still hears who has just connected, and closes who says nothing', async () => {
    const answer: RequestListener = (_request, response) => void response.end('heard')
    const limits = { keepAliveMs: 60_000, receiveMs: 60_000, sendMs: 60_000, maximumConnections: 10 }
    const listening = await listen({ handle: answer }, { host: '127.0.0.1', port: 0, ...limits })
    const clients = [open(listening.port), open(listening.port)]
    await Promise.all(clients.map(({ socket }) => once(socket, 'connect')))
    // Until the other side has them as well.
    await sleep(20)
    const stopped = listening.stop()
    await sleep(50)
    clients[0]?.socket.write(`${GET}\r\n`)
    await stopped
    const [asked, silent] = await Promise.all(clients.map(({ closed }) => closed))
    expect(asked).toContain('heard')
    expect(silent).toBe('')
  })

  it('ends what lasts only when nobody who is connected can ask any more', async () => {
    let lasting: ServerResponse | undefined
    const handle: RequestListener = (_request, response) => {
      lasting = response
      response.write('begun')
    }
    const limits = { keepAliveMs: 60_000, receiveMs: 60_000, sendMs: 60_000, maximumConnections: 10 }
    const listening = await listen({ handle }, { host: '127.0.0.1', port: 0, ...limits })
    const client = open(listening.port)
    await once(client.socket, 'connect')
    await sleep(20)
    const stopped = listening.stop(async () => {
      expect(lasting).toBeDefined()
      lasting?.end(', ended')
    })
    await sleep(50)
    client.socket.write(`${GET}\r\n`)
    await stopped
    expect(await client.closed).toMatch(/begun[\s\S]*, ended/)
  })
})

describe('what is not a request', () => {
  it.each([
    ['is not HTTP', 'hello\r\n\r\n'],
    ['has no end to its length', `${GET}Content-Length: 1, 2\r\n\r\n`],
    ['has two lengths, as smugglers do', `${GET}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['has a header that is none', `${GET}: x\r\n\r\n`],
    ['has a null in it', `${GET}X: a\0b\r\n\r\n`],
  ])('is refused by its status alone, where it %s', async (_what, text) => {
    const client = open(await start())
    client.socket.write(text)
    expect(await client.closed).toBe(BAD_REQUEST)
  })

  it.each([
    ['a length of a part that is none', 'Transfer-Encoding: chunked\r\n\r\nZZ\r\n'],
    ['an end that is missing', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello, hello'],
    ['an encoding of which no end is known', 'Transfer-Encoding: gzip\r\n\r\n'],
  ])('is refused by its status alone, where its body has %s', async (_what, rest) => {
    const client = open(await start())
    client.socket.write('POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n')
    client.socket.write(rest)
    expect(await client.closed).toBe(BAD_REQUEST)
  })

  it('is refused where its headers are more than 16 KiB', async () => {
    const client = open(await start())
    client.socket.write(`${GET}X: ${'x'.repeat(17_000)}\r\n\r\n`)
    expect(await client.closed).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n')
  })

  it('says nothing into the answer of a request before it', async () => {
    const restcomm = await slowRestcomm(300)
    const client = open(await start({}, restcomm.url))
    const query = encodeURIComponent('{ viewer { friendlyName } }')
    client.socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nHost: gateway\r\n`)
    client.socket.write(`Authorization: ${restcomm.authorization}\r\n\r\n`)
    await restcomm.waiting(1)
    client.socket.write('hello\r\n\r\n')
    expect(await client.closed).toBe('')
  })
})

describe('a connection on which nothing is asked', () => {
  it('is kept for longer than load balancers keep theirs', async () => {
    const client = open(await start())
    client.socket.write(`${GET}\r\n`)
    const [head] = (await once(client.socket, 'data')) as [string]
    expect(head).toContain('\r\nKeep-Alive: timeout=72\r\n')
  })

  it('is closed after KEEP_ALIVE_TIMEOUT_MS', async () => {
    const client = open(await start({ KEEP_ALIVE_TIMEOUT_MS: '1000' }))
    client.socket.write(`${GET}\r\n`)
    const [head] = (await once(client.socket, 'data')) as [string]
    expect(head).toContain('\r\nKeep-Alive: timeout=1\r\n')
    const began = performance.now()
    await client.closed
    expect(performance.now() - began).toBeGreaterThan(900)
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

it('more connections than MAX_CONNECTIONS are closed as they come, and the others are served', async () => {
  const port = await start({ MAX_CONNECTIONS: '2' })
  const [first, second] = [open(port), open(port)]
  await Promise.all([once(first.socket, 'connect'), once(second.socket, 'connect')])
  const third = open(port)
  expect(await third.closed).toBe('')
  second.socket.write(`${GET}\r\n`)
  expect(String((await once(second.socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})
