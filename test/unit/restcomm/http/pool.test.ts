import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { createHttp } from '../../../../src/restcomm/http/pool.ts'
import { parseRows, startSandbox } from '../../../../src/sandbox/index.ts'
import { fixture } from '../../../support/fixtures.ts'
import { accountOf, basic } from '../../../support/gateway.ts'

it.each([
  ['path', { path: 'Accounts/\u00e9' }],
  ['path', { path: 'Accounts/a b' }],
  ['request id', { requestId: 'a\r\nb' }],
  ['authorization', { authorization: 'Basic \u20ac' }],
])('a %s that HTTP does not have is refused, and costs no connection', async (_what, part) => {
  const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
  onTestFinished(() => sandbox.close())
  const http = createHttp({
    url: sandbox.url,
    connections: 2,
    timeoutMs: 2_000,
    silenceMs: 1_000,
    maximumBodyBytes: 1_000_000,
  })
  const good = { method: 'GET', path: `Accounts/${accountOf('part').sid}`, authorization: basic('part') } as const
  for (let i = 0; i < 4; i++) {
    await expect(http.send({ ...good, ...part })).rejects.toMatchObject({ failure: 'rejected', status: null })
  }
  expect(sandbox.requests).toEqual([])
  expect((await http.send(good)).status).toBe(200)
  await http.close()
})

const standStill = (ms: number) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

it('an answer that came while this process stood still has come in time', async () => {
  const worker = new Worker(
    `const { createServer } = require('node:http')
    const { parentPort } = require('node:worker_threads')
    const server = createServer((_request, response) => response.end('here'))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  onTestFinished(() => void worker.terminate())
  const [port] = await once(worker, 'message')
  const http = createHttp({
    url: `http://127.0.0.1:${port}`,
    connections: 1,
    timeoutMs: 200,
    silenceMs: 200,
    maximumBodyBytes: 1_000,
  })
  const ask = () => http.send({ method: 'GET', path: 'Accounts', authorization: null })
  await ask()
  const answer = ask()
  // By then it is sent, or about to be answered.
  setImmediate(() => setImmediate(() => standStill(400)))
  expect(await answer).toEqual({ status: 200, body: 'here' })
  await http.close()
})
