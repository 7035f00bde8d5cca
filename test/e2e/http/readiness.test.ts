import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway, type TestGatewayOptions } from '../../support/gateway.ts'

const start = async (options: TestGatewayOptions = {}) => {
  const gateway = await startGateway(options)
  onTestFinished(() => gateway.close())
  const get = async (path: string) => {
    const response = await fetch(new URL(path, gateway.url))
    return { status: response.status, text: await response.text() }
  }
  return { ...gateway, get }
}

/** An upstream that answers everything like this, and the headers that it was asked with. */
const upstream = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/restcomm`, close }
}
const status = (code: number) => upstream((_request, response) => response.writeHead(code).end('<html>'))

const READY = { status: 200, text: '{"status":"ready"}\n' }
const UNREACHABLE = { status: 503, text: '{"status":"not ready","reason":"upstream unreachable"}\n' }

describe('/health', () => {
  it('asks the upstream nothing', async () => {
    const { get, asked } = await start()
    expect(await get('/health')).toEqual({ status: 200, text: '{"status":"alive"}\n' })
    expect(asked()).toEqual([])
  })

  it('is nothing that an address of the graph ends with', async () => {
    const { get } = await start()
    const { text } = await get('/graphql?query={__typename}&for=/health')
    expect(text).toBe('{"data":{"__typename":"Query"}}')
  })

  it('is alive where the upstream is not', async () => {
    const { get } = await start({ restcommUrl: 'http://127.0.0.1:9/restcomm' })
    expect((await get('/health')).status).toBe(200)
  })
})

describe('/ready', () => {
  it('asks the upstream once for however many ask at a time and within two seconds', async () => {
    const { get, asked } = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/ready')))
    expect(answers).toEqual(answers.map(() => READY))
    expect(await get('/ready')).toEqual(READY)
    expect(asked()).toEqual(['GET Accounts'])
  })

  it('asks without credentials', async () => {
    const headers: unknown[] = []
    const { url } = await upstream((request, response) => {
      headers.push(request.headers.authorization)
      response.writeHead(401).end()
    })
    const service = {
      RESTCOMM_ACCOUNT_SID: `AC${'5'.repeat(32)}`,
      RESTCOMM_AUTH_TOKEN: 'the-token',
      API_KEY_HASHES: 'ab'.repeat(32),
    }
    const { get } = await start({ restcommUrl: url, env: service })
    expect(await get('/ready')).toEqual(READY)
    expect(headers).toEqual([undefined])
  })

  it.each([200, 302, 401, 403, 404, 429])('is ready where the upstream answers %i', async code => {
    const { url } = await status(code)
    expect(await (await start({ restcommUrl: url })).get('/ready')).toEqual(READY)
  })

  it.each([500, 502, 503, 504])('is not where it answers %i', async code => {
    const { url } = await status(code)
    expect(await (await start({ restcommUrl: url })).get('/ready')).toEqual(UNREACHABLE)
  })

  it('is not where nothing answers, and says no address', async () => {
    expect(await (await start({ restcommUrl: 'http://127.0.0.1:9/restcomm' })).get('/ready')).toEqual(UNREACHABLE)
  })

  it('is not where the answer takes more than two seconds', async () => {
    const { url } = await upstream(() => undefined)
    const { get } = await start({ restcommUrl: url })
    const began = performance.now()
    expect(await get('/ready')).toEqual(UNREACHABLE)
    expect(performance.now() - began).toBeGreaterThan(1_900)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('is asked anew after two seconds, and sees an upstream go and come', async () => {
    let code = 401
    const { url } = await upstream((_request, response) => response.writeHead(code).end())
    const { get } = await start({ restcommUrl: url })
    expect(await get('/ready')).toEqual(READY)
    code = 503
    expect(await get('/ready')).toEqual(READY)
    const settled = (expected: unknown) => expect.poll(() => get('/ready'), { timeout: 6_000 }).toEqual(expected)
    await settled(UNREACHABLE)
    code = 401
    await settled(READY)
  })

  it('is logged when it turns, with why', async () => {
    let code = 401
    const { url } = await upstream((_request, response) => response.writeHead(code).end())
    const { get, logged } = await start({ restcommUrl: url })
    const turns = () => logged.map(line => JSON.parse(line)).filter(({ msg }) => /^Restcomm can/.test(msg))
    expect(await get('/ready')).toEqual(READY)
    expect(turns()).toEqual([])
    code = 503
    await expect.poll(() => get('/ready'), { timeout: 6_000 }).toEqual(UNREACHABLE)
    code = 401
    await expect.poll(() => get('/ready'), { timeout: 6_000 }).toEqual(READY)
    expect(turns()).toMatchObject([
      { level: 40, msg: 'Restcomm cannot be reached', err: { message: 'Restcomm answers 503.' } },
      { level: 30, msg: 'Restcomm can be reached again' },
    ])
  })

  it('is not while the breaker is open, and is again without any request that closes it', async () => {
    const { url } = await upstream(({ url = '' }, response) =>
      response.writeHead(url.includes('/AC') ? 503 : 401).end(),
    )
    const gateway = await start({ restcommUrl: url, env: { RESTCOMM_BREAKER_OPEN_MS: '1500' } })
    expect(await gateway.get('/ready')).toEqual(READY)
    for (let count = 0; count < 15; count++) await gateway.query('{ conferences(first: 1) { nodes { sid } } }')
    expect(await gateway.get('/ready')).toEqual({
      status: 503,
      text: '{"status":"not ready","reason":"breaker open"}\n',
    })
    await expect.poll(() => gateway.get('/ready'), { timeout: 6_000 }).toEqual(READY)
  })

  it('does not wait for a connection behind requests that hold all of them', async () => {
    const { url } = await upstream(({ url = '' }, response) => {
      if (!url.includes('Conferences')) response.writeHead(401).end()
    })
    const gateway = await start({ restcommUrl: url, env: { RESTCOMM_CONNECTIONS: '1', RESTCOMM_TIMEOUT_MS: '3000' } })
    const answers = [1, 2, 3].map(offset =>
      gateway.query(`{ conferences(first: ${offset}) { nodes { sid } } }`).catch(() => null),
    )
    expect(await gateway.get('/ready')).toEqual(READY)
    await Promise.all(answers)
  })
})
