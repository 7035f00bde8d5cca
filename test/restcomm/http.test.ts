import { expect, it, onTestFinished } from 'vitest'
import { createHttp } from '../../src/restcomm/http.ts'
import { parseRows, startSandbox } from '../../src/sandbox/index.ts'
import { fixture } from '../support/fixtures.ts'
import { accountOf, basic } from '../support/gateway.ts'

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
