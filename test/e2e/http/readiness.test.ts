import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const start = async (options: TestGatewayOptions = {}) => {
  const gateway = await startGateway(options)
  onTestFinished(() => gateway.close())
  const get = async (path: string) => {
    const response = await fetch(new URL(path, gateway.url))
    return { status: response.status, text: await response.text() }
  }
  return { ...gateway, get }
}

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

/** Stops the clock until the end of the test. Returns a function that advances the time. */
const stopClock = () => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void vi.restoreAllMocks())
  return (ms: number) => {
    now += ms
  }
}

const READY = { status: 200, text: '{"status":"ready"}\n' }
const UNREACHABLE = { status: 503, text: '{"status":"not ready","reason":"upstream_unreachable"}\n' }

describe('/health', () => {
  it('GET /health sends no upstream request', async () => {
    const { get, takeUpstreamRequests } = await start()
    expect(await get('/health')).toEqual({ status: 200, text: '{"status":"alive"}\n' })
    expect(takeUpstreamRequests()).toEqual([])
  })

  it('a GraphQL query string ending in /health is not a health check', async () => {
    const { get } = await start()
    const { text } = await get('/graphql?query={__typename}&for=/health')
    expect(text).toBe('{"data":{"__typename":"Query"}}')
  })

  it('GET /health is 200 while the upstream is down', async () => {
    const { get } = await start({ restcommUrl: 'http://127.0.0.1:9/restcomm' })
    expect((await get('/health')).status).toBe(200)
  })
})

describe('/ready', () => {
  it('GET /ready shares one upstream request between concurrent requests and later requests', async () => {
    stopClock()
    const { get, takeUpstreamRequests } = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/ready')))
    expect(answers).toEqual(answers.map(() => READY))
    expect(await get('/ready')).toEqual(READY)
    expect(takeUpstreamRequests()).toEqual(['GET Accounts'])
  })

  it('GET /ready sends no credentials upstream', async () => {
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

  it.each([200, 302, 401, 403, 404, 429])('GET /ready is ready if the upstream answers %i', async code => {
    const { url } = await status(code)
    expect(await (await start({ restcommUrl: url })).get('/ready')).toEqual(READY)
  })

  it.each([500, 502, 503, 504])('GET /ready is upstream_unreachable if the upstream answers %i', async code => {
    const { url } = await status(code)
    expect(await (await start({ restcommUrl: url })).get('/ready')).toEqual(UNREACHABLE)
  })

  it('GET /ready is upstream_unreachable without a server, and shows no address', async () => {
    expect(await (await start({ restcommUrl: 'http://127.0.0.1:9/restcomm' })).get('/ready')).toEqual(UNREACHABLE)
  })

  it('GET /ready is upstream_unreachable after two seconds without a response', async () => {
    const { url } = await upstream(() => undefined)
    const { get } = await start({ restcommUrl: url })
    const startedAt = performance.now()
    expect(await get('/ready')).toEqual(UNREACHABLE)
    expect(performance.now() - startedAt).toBeGreaterThan(1_900)
  })

  it('GET /ready checks again after 500 ms, and logs each change of the upstream reachability once with the reason', async () => {
    const advanceClock = stopClock()
    let code = 401
    const { url } = await upstream((_request, response) => response.writeHead(code).end())
    const { get, logged } = await start({ restcommUrl: url })
    const changes = () => logged.map(line => JSON.parse(line)).filter(({ msg }) => /^Restcomm (un)?reachable/.test(msg))
    expect(await get('/ready')).toEqual(READY)
    code = 503
    advanceClock(499)
    expect(await get('/ready')).toEqual(READY)
    for (let i = 0; i < 2; i++) {
      advanceClock(500)
      expect(await get('/ready')).toEqual(UNREACHABLE)
    }
    code = 401
    for (let i = 0; i < 2; i++) {
      advanceClock(500)
      expect(await get('/ready')).toEqual(READY)
    }
    expect(changes()).toMatchObject([
      {
        level: 40,
        msg: 'Restcomm unreachable',
        err: { message: 'Restcomm answered the health check with status 503: expected a status below 500.' },
      },
      { level: 30, msg: 'Restcomm reachable again' },
    ])
  })

  it('GET /ready is breaker_open while the breaker is open, and recovers without a client request', async () => {
    let status = 503
    const { url } = await upstream((_request, response) => response.writeHead(status).end())
    const gateway = await start({ restcommUrl: url })
    const isOpen = async () => {
      await gateway.query('{ conferences(first: 1) { nodes { sid } } }')
      return (await gateway.get('/ready')).text === '{"status":"not ready","reason":"breaker_open"}\n'
    }
    await waitUntil(isOpen, 'the breaker opens')
    status = 401
    await waitUntil(async () => (await gateway.get('/ready')).status === 200, 'the gateway is ready')
  })

  it.each(['EMFILE', 'ENFILE'])(
    'GET /ready is file_descriptors_exhausted if a connection fails with %s, and requests fail as OVERLOADED without an effect on the breaker',
    async code => {
      const advanceClock = stopClock()
      const { url } = await status(401)
      const port = Number(new URL(url).port)
      const gateway = await start({ restcommUrl: url })
      const { connect } = net
      let isExhausted = true
      const failed = vi.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) => {
        if (Number(options.port) !== port || !isExhausted) return connect(options)
        const socket = new net.Socket()
        return socket.destroy(Object.assign(new Error(`connect ${code}`), { code }))
      }) as typeof net.connect)
      onTestFinished(() => failed.mockRestore())
      const exhausted = { status: 503, text: '{"status":"not ready","reason":"file_descriptors_exhausted"}\n' }
      expect(await gateway.get('/ready')).toEqual(exhausted)
      for (let i = 0; i < 5; i++) {
        const { errors } = await gateway.query(`{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`)
        expect(errors).toMatchObject([
          {
            message: expect.stringContaining('no free file descriptor'),
            extensions: { code: 'OVERLOADED', retryAfter: 1 },
          },
        ])
        advanceClock(500)
      }
      expect(await gateway.get('/ready')).toEqual(exhausted)
      isExhausted = false
      advanceClock(500)
      expect(await gateway.get('/ready')).toEqual(READY)
    },
  )

  it('GET /ready does not wait for a connection while requests use all of them', async () => {
    const { url, close } = await upstream(({ url = '' }, response) => {
      if (!url.includes('Conferences')) response.writeHead(401).end()
    })
    const gateway = await start({ restcommUrl: url, env: { RESTCOMM_CONNECTIONS: '1' } })
    const answers = [1, 2, 3].map(offset =>
      gateway.query(`{ conferences(first: ${offset}) { nodes { sid } } }`).catch(() => null),
    )
    expect(await gateway.get('/ready')).toEqual(READY)
    close()
    await Promise.all(answers)
  })
})
