import diagnosticsChannel from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished, vi } from 'vitest'
import { HttpClient } from '../../../../src/restcomm/http/httpClient.ts'
import { parseRows, startSandbox } from '../../../../src/sandbox/index.ts'
import { fixture } from '../../../support/fixtures.ts'
import { accountOf, basic } from '../../../support/gateway.ts'
import { waitUntil } from '../../../support/waitUntil.ts'

it.each([
  ['path', { path: 'Accounts/\u00e9' }],
  ['path', { path: 'Accounts/a b' }],
  ['path', { path: `Accounts/${accountOf('part').sid}/../AC1/Calls` }],
  ['path', { path: 'Accounts/..?Page=1' }],
  ['path', { path: 'Accounts/.' }],
  ['request id', { requestId: 'a\r\nb' }],
  ['authorization', { authorization: 'Basic \u20ac' }],
])(
  'the HTTP client rejects a request with invalid characters in the %s and keeps the connection',
  async (_part, part) => {
    const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
    onTestFinished(() => sandbox.close())
    const http = new HttpClient({
      url: sandbox.url,
      connections: 2,
      maxBodyBytes: 1_000_000,
    })
    const validRequest = {
      method: 'GET',
      path: `Accounts/${accountOf('part').sid}`,
      authorization: basic('part'),
    } as const
    for (let i = 0; i < 4; i++) {
      await expect(http.send({ ...validRequest, ...part }, 2_000)).rejects.toMatchObject({
        failure: 'rejected',
        status: null,
      })
    }
    expect(sandbox.requests).toEqual([])
    expect((await http.send(validRequest, 2_000)).status).toBe(200)
    await http.close()
  },
)

const blockEventLoop = (ms: number) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

it('the HTTP client accepts a response that arrived in time while the event loop was blocked', async () => {
  const worker = new Worker(
    `const { createServer } = require('node:http')
    const { parentPort } = require('node:worker_threads')
    const server = createServer((_request, response) => response.end('here'))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  onTestFinished(() => void worker.terminate())
  const [port] = await once(worker, 'message')
  const http = new HttpClient({
    url: `http://127.0.0.1:${port}`,
    connections: 1,
    maxBodyBytes: 1_000,
  })
  const send = () => http.send({ method: 'GET', path: 'Accounts', authorization: null }, 200)
  await send()
  const response = send()
  // Block only after the request has been written to the socket.
  setImmediate(() => setImmediate(() => blockEventLoop(400)))
  expect(await response).toMatchObject({ status: 200, body: 'here' })
  await http.close()
})

it('the HTTP client cancels reads and waits for commands when closed', async () => {
  const commands: ServerResponse[] = []
  const server = createServer(({ method }, response) => {
    if (method === 'POST') commands.push(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const http = new HttpClient({ url, connections: 2, maxBodyBytes: 1_000 })
  const read = http.send({ method: 'GET', path: 'Accounts', authorization: null }, 60_000)
  const command = http.send({ method: 'POST', path: 'Calls', authorization: null }, 60_000)
  await waitUntil(() => commands.length === 1, 'the server receives the command')
  const outcomes: string[] = []
  const closed = http.close().then(() => outcomes.push('closed'))
  await expect(read).rejects.toThrow('The gateway is shutting down.')
  outcomes.push('read cancelled')
  void command.then(({ status }) => outcomes.push(`command ${status}`))
  commands[0]?.end('{}')
  await closed
  expect(outcomes).toEqual(['read cancelled', 'command 200', 'closed'])
})

/** A server that keeps idle connections open, and announces a long keep-alive time if `announces`. */
const startKeepAliveServer = async (announces: boolean) => {
  const sockets: Socket[] = []
  const server = createServer((_request, response) => {
    if (announces) response.setHeader('keep-alive', 'timeout=600')
    response.end('{}')
  })
  server.keepAliveTimeout = 0
  server.on('connection', socket => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const http = new HttpClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 1,
    maxBodyBytes: 1_000,
  })
  onTestFinished(() => http.close())
  return { sockets, send: () => http.send({ method: 'GET', path: 'Accounts', authorization: null }, 5_000) }
}

it.each([false, true])(
  'the HTTP client closes a connection after 15 s without a request (the server announces 600 s: %s)',
  async announces => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { sockets, send } = await startKeepAliveServer(announces)
    const sendAndRest = async () => {
      await send()
      // undici starts the timer of an idle connection a little later.
      while (vi.getTimerCount() === 0) await new Promise(setImmediate)
    }
    await sendAndRest()
    vi.advanceTimersByTime(10_000)
    await sendAndRest()
    expect(sockets).toHaveLength(1)
    const closed = sockets.map(socket => once(socket, 'close'))
    vi.advanceTimersByTime(17_000)
    await Promise.all(closed)
  },
)

it('the HTTP client opens a new connection after 180 s, although the connection was never idle', async () => {
  const { sockets, send } = await startKeepAliveServer(false)
  const start = Date.now()
  const now = vi.spyOn(Date, 'now').mockReturnValue(start)
  onTestFinished(() => now.mockRestore())
  await send()
  now.mockReturnValue(start + 179_000)
  await send()
  expect(sockets).toHaveLength(1)
  now.mockReturnValue(start + 181_000)
  const closed = sockets.map(socket => once(socket, 'close'))
  await send()
  await Promise.all(closed)
  await send()
  await send()
  expect(sockets).toHaveLength(2)
})

/** A server that destroys the connection instead of the response number `failAt` of each connection. */
const startClosingServer = async (failAt: number, connections: number) => {
  const requests: string[] = []
  const counts = new WeakMap<Socket, number>()
  const server = createServer((request, response) => {
    requests.push(request.method ?? '')
    const count = (counts.get(request.socket) ?? 0) + 1
    counts.set(request.socket, count)
    if (count === failAt) request.socket.resetAndDestroy()
    else response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const http = new HttpClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    maxBodyBytes: 1_000,
  })
  // The test may have closed the client.
  onTestFinished(() => http.close().catch(() => undefined))
  const send = (method: 'GET' | 'POST' = 'GET') => {
    const request = { method, path: 'Accounts', authorization: null, ...(method === 'POST' && { form: FORM }) }
    return http.send(request, 5_000)
  }
  return { http, server, requests, send }
}
const FORM = new URLSearchParams({ Mute: 'true' })

it('the HTTP client sends a GET again if a reused connection fails before the response', async () => {
  const { requests, send } = await startClosingServer(2, 4)
  await Promise.all([send(), send(), send(), send()])
  expect(requests).toHaveLength(4)
  // All four idle connections fail.
  expect(await send()).toMatchObject({ status: 200 })
  expect(requests.length).toBeGreaterThan(5)
})

it('the HTTP client sends a GET only once on a new connection', async () => {
  const { requests, send } = await startClosingServer(1, 1)
  await expect(send()).rejects.toMatchObject({ failure: 'unavailable' })
  await expect(send()).rejects.toMatchObject({ failure: 'unavailable' })
  expect(requests).toHaveLength(2)
})

it('the HTTP client tries to connect once if a reused connection fails because the server has stopped', async () => {
  const { server, send } = await startClosingServer(2, 1)
  await send()
  let failedConnects = 0
  const count = () => void failedConnects++
  diagnosticsChannel.subscribe('undici:client:connectError', count)
  onTestFinished(() => void diagnosticsChannel.unsubscribe('undici:client:connectError', count))
  server.close()
  await expect(send()).rejects.toMatchObject({ failure: 'unavailable' })
  expect(failedConnects).toBe(1)
})

it('the HTTP client never sends a POST again', async () => {
  const { requests, send } = await startClosingServer(2, 1)
  await send()
  await expect(send('POST')).rejects.toMatchObject({ failure: 'unavailable' })
  expect(requests).toEqual(['GET', 'POST'])
})

it('the HTTP client sends each unanswered read of the given credentials again once, and never a command', async () => {
  const requests: { readonly line: string; readonly respond: () => void }[] = []
  const server = createServer(({ method, headers }, response) => {
    requests.push({ line: `${method} ${headers.authorization}`, respond: () => response.end('{}') })
    server.emit('received')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const http = new HttpClient({ url, connections: 8, maxBodyBytes: 1_000 })
  const received = async (count: number) => {
    while (requests.length < count) await once(server, 'received')
    return requests.map(({ line }) => line).sort()
  }
  const send = (method: 'GET' | 'POST', authorization: string) =>
    http.send({ method, path: 'Accounts', authorization, ...(method === 'POST' && { form: FORM }) }, 60_000)
  const sent = [send('GET', 'a'), send('GET', 'b'), send('POST', 'a')]
  expect(await received(3)).toEqual(['GET a', 'GET b', 'POST a'])
  http.resendReads('a')
  expect(await received(4)).toEqual(['GET a', 'GET a', 'GET b', 'POST a'])
  http.resendReads(null)
  expect(await received(5)).toEqual(['GET a', 'GET a', 'GET b', 'GET b', 'POST a'])
  http.resendReads(null)
  for (const { respond } of requests) respond()
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect(requests).toHaveLength(5)
  await http.close()
})
