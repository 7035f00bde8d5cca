import { describe, expect, it, onTestFinished } from 'vitest'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { rawRequest } from './rawRequest.ts'
import { recordedRows } from './recordings.ts'
import { ACCOUNTS_PATH, account, startSandboxClient } from './sandboxClient.ts'

describe('the request log', () => {
  it('the request log of the sandbox has requests with their accounts, statuses and sent rows', async () => {
    const { sandbox, send } = await startSandboxClient()
    const { sid } = account('conf51')
    await send('conf51', '/Conferences?PageSize=7')
    await rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${sid}/Conferences.json`)
    expect(sandbox.requests).toEqual([
      {
        method: 'GET',
        path: `${ACCOUNTS_PATH}/${sid}/Conferences?PageSize=7`,
        status: 200,
        rowsSent: 7,
        account: sid,
        accept: 'application/json',
      },
      {
        method: 'GET',
        path: `${ACCOUNTS_PATH}/${sid}/Conferences.json`,
        status: 401,
        rowsSent: 0,
        account: null,
        accept: null,
      },
    ])
    sandbox.clearRequests()
    expect(sandbox.requests).toEqual([])
  })
})

describe('an interceptor', () => {
  it('a sandbox interceptor responds instead of the server, or passes the request on', async () => {
    const { sandbox, send } = await startSandboxClient()
    sandbox.intercept(({ path }) =>
      path.includes('Page=1') ? { status: 502, body: '<html>', headers: { 'Content-Type': 'text/html' } } : undefined,
    )
    expect(await send('conf51', '/Conferences?Page=1')).toMatchObject({ status: 502, body: '<html>' })
    expect((await send('conf51', '/Conferences')).status).toBe(200)
    sandbox.intercept(null)
    expect((await send('conf51', '/Conferences?Page=1')).status).toBe(200)
    expect(sandbox.requests.map(request => request.status)).toEqual([502, 200, 200])
  })

  it('a sandbox interceptor can delay a request', async () => {
    const { sandbox, send } = await startSandboxClient()
    const gate = Promise.withResolvers<undefined>()
    sandbox.intercept(() => gate.promise)
    const held = send('conf51', '/Conferences')
    await expect.poll(() => sandbox.requests.length).toBe(1)
    expect(sandbox.requests[0]?.status).toBe(0)
    gate.resolve(undefined)
    expect((await held).status).toBe(200)
  })

  it('a sandbox interceptor can reset the connection or cut a response', async () => {
    const { sandbox, send } = await startSandboxClient()
    sandbox.intercept(() => 'reset')
    await expect(send('conf51', '/Conferences')).rejects.toMatchObject({ code: 'ECONNRESET' })
    sandbox.intercept(() => ({ status: 200, body: '{"page":0}', cut: 5 }))
    await expect(send('conf51', '/Conferences')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('a sandbox interceptor can leave a request without a response until the sandbox closes', async () => {
    const { sandbox, send } = await startSandboxClient()
    sandbox.intercept(() => 'hang')
    const hanging = expect(send('conf51', '/Conferences')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect.poll(() => sandbox.requests.length).toBe(1)
    await sandbox.close()
    await hanging
  })
})

it('every response of a sandbox with latencyMs is delayed', async () => {
  const { send } = await startSandboxClient({ latencyMs: 60 })
  const from = performance.now()
  await send('conf51', '/Conferences')
  expect(performance.now() - from).toBeGreaterThan(55)
})

it('startSandbox rejects if the port is in use', async () => {
  const { sandbox } = await startSandboxClient()
  const port = Number(new URL(sandbox.url).port)
  await expect(startSandbox({ rows: recordedRows(), port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('a sandbox closes at once despite connected clients', async () => {
  const sandbox = await startSandbox({ rows: recordedRows() })
  onTestFinished(() => sandbox.close())
  await fetch(`${sandbox.url}/2012-04-24/Accounts`)
  // Without an end of the idle connection, the sandbox would wait for the client.
  await sandbox.close()
})

it('a path outside the API of the sandbox is a 404, with and without credentials', async () => {
  const { sandbox } = await startSandboxClient()
  for (const path of ['/', '/restcomm', '/restcomm/2010-04-01/Accounts']) {
    expect((await rawRequest(sandbox.url, path)).status).toBe(404)
  }
})
