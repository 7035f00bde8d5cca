import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { HttpClient } from '../../../../src/restcomm/http/httpClient.ts'
import { parseRows, startSandbox } from '../../../../src/sandbox/index.ts'
import { fixture } from '../../../support/fixtures.ts'
import { accountOf, basic } from '../../../support/gateway.ts'

it.each([
  ['path', { path: 'Accounts/\u00e9' }],
  ['path', { path: 'Accounts/a b' }],
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
      timeoutMs: 2_000,
      countAsTimeoutAfterMs: 1_000,
      maxBodyBytes: 1_000_000,
    })
    const validRequest = {
      method: 'GET',
      path: `Accounts/${accountOf('part').sid}`,
      authorization: basic('part'),
    } as const
    for (let i = 0; i < 4; i++) {
      await expect(http.send({ ...validRequest, ...part })).rejects.toMatchObject({ failure: 'rejected', status: null })
    }
    expect(sandbox.requests).toEqual([])
    expect((await http.send(validRequest)).status).toBe(200)
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
    timeoutMs: 200,
    countAsTimeoutAfterMs: 200,
    maxBodyBytes: 1_000,
  })
  const send = () => http.send({ method: 'GET', path: 'Accounts', authorization: null })
  await send()
  const response = send()
  // Block only after the request has been written to the socket.
  setImmediate(() => setImmediate(() => blockEventLoop(400)))
  expect(await response).toEqual({ status: 200, body: 'here' })
  await http.close()
})
