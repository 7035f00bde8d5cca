import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'

const TRUSTED = 'https://app.example'
const ELSEWHERE = 'https://elsewhere.example'

let gateway: TestGateway
let trusting: TestGateway
beforeAll(async () => {
  ;[gateway, trusting] = await Promise.all([
    startGateway(),
    startGateway({ env: { CORS_ORIGINS: `${TRUSTED}, http://localhost:3000` } }),
  ])
})
beforeEach(() => {
  gateway.sandbox.clearRequests()
  trusting.sandbox.clearRequests()
})
afterAll(() => Promise.all([gateway.close(), trusting.close()]))

const BODY = '{"query":"{ viewer { sid } }"}'
const json = { 'content-type': 'application/json', authorization: basic('conf137') }
const own = (of: TestGateway) => new URL(of.url).origin

/** Node's fetch allows headers that browsers forbid, but always sets `sec-fetch-mode` itself. */
const post = (of: TestGateway, headers: Record<string, string>) =>
  fetch(of.url, { method: 'POST', headers: { ...json, ...headers }, body: BODY })
const get = (of: TestGateway, headers: Record<string, string>) =>
  fetch(`${of.url}?query={viewer{sid}}`, { headers: { authorization: basic('conf137'), ...headers } })

describe('cross-origin requests', () => {
  it.each([
    ['a cross-origin POST', () => post(gateway, { origin: ELSEWHERE })],
    ['an opaque origin', () => post(gateway, { origin: 'null' })],
    ['the same host at a different port', () => post(gateway, { origin: 'http://127.0.0.1:1' })],
    ['Sec-Fetch-Site: cross-site without Origin', () => post(gateway, { 'sec-fetch-site': 'cross-site' })],
    ['Sec-Fetch-Site: same-site', () => post(gateway, { origin: ELSEWHERE, 'sec-fetch-site': 'same-site' })],
    [
      'the same host with a different scheme',
      () => post(gateway, { origin: own(gateway), 'sec-fetch-site': 'cross-site' }),
    ],
    ['a cross-origin GET', () => get(gateway, { origin: ELSEWHERE })],
    ['a GET for an image', () => get(gateway, { 'sec-fetch-site': 'cross-site' })],
    ['an origin outside CORS_ORIGINS', () => post(trusting, { origin: ELSEWHERE, 'sec-fetch-site': 'cross-site' })],
    ['an origin with the prefix of a trusted origin', () => post(trusting, { origin: `${TRUSTED}.evil.example` })],
    [
      'a preflight',
      () =>
        fetch(trusting.url, {
          method: 'OPTIONS',
          headers: { origin: ELSEWHERE, 'access-control-request-method': 'POST' },
        }),
    ],
  ])('%s is CROSS_ORIGIN without an upstream request', async (_what, send) => {
    const response = await send()
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.json()).toEqual({
      errors: [
        {
          message:
            'The origin of the page is not allowed: expected the origin of the gateway or an origin in CORS_ORIGINS.',
          extensions: { code: 'CROSS_ORIGIN', requestId: response.headers.get('x-request-id') },
        },
      ],
    })
    expect([...gateway.takeUpstreamRequests(), ...trusting.takeUpstreamRequests()]).toEqual([])
  })

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain;a=application/json',
    '',
  ])('a body of type "%s", which a page can send without a preflight, is UNSUPPORTED_MEDIA_TYPE', async type => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': type, authorization: basic('conf137') },
      body: type.startsWith('application/x') ? 'query={viewer{sid}}' : BODY,
    })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }] })
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('requests that pass the origin check', () => {
  it.each([
    ['a program without an Origin header', () => post(gateway, {})],
    ['a page of the gateway', () => post(gateway, { origin: own(gateway) })],
    [
      'a page of the gateway in a browser with Sec-Fetch-Site',
      () => post(gateway, { origin: own(gateway), 'sec-fetch-site': 'same-origin' }),
    ],
    [
      'a page of the gateway behind a proxy that changes the host',
      () => post(gateway, { origin: 'https://public.example', 'sec-fetch-site': 'same-origin' }),
    ],
    ['an address typed by the user', () => get(gateway, { 'sec-fetch-site': 'none' })],
    ['a page in CORS_ORIGINS', () => post(trusting, { origin: TRUSTED, 'sec-fetch-site': 'cross-site' })],
    [
      'a GET of a page in CORS_ORIGINS',
      () => get(trusting, { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }),
    ],
  ])('%s passes the origin check', async (_client, send) => {
    const response = await send()
    expect([response.status, await response.json()]).toEqual([
      200,
      { data: { viewer: { sid: accountOf('conf137').sid } } },
    ])
  })
})

describe('CORS', () => {
  it('CORS headers allow pages of CORS_ORIGINS to read all responses, including errors', async () => {
    for (const headers of [{}, { authorization: 'Basic x' }, { 'content-type': 'text/plain' }]) {
      const response = await post(trusting, { origin: TRUSTED, ...headers })
      expect(response.headers.get('access-control-allow-origin')).toBe(TRUSTED)
      expect(response.headers.get('access-control-expose-headers')).toBe('x-request-id, retry-after')
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(response.headers.get('vary')).toBe('Origin')
    }
    const program = await post(trusting, {})
    expect(program.headers.get('access-control-allow-origin')).toBeNull()
    expect(program.headers.get('vary')).toBe('Origin')
  })

  it('a CORS preflight response lists the allowed methods and headers', async () => {
    const response = await fetch(trusting.url, {
      method: 'OPTIONS',
      headers: {
        origin: TRUSTED,
        'sec-fetch-site': 'cross-site',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': TRUSTED,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringMatching(/\bauthorization, content-type\b/),
      vary: 'Origin',
    })
  })

  it('CORS is off without CORS_ORIGINS', async () => {
    const headers = { origin: own(gateway), 'access-control-request-method': 'POST' }
    const response = await fetch(gateway.url, { method: 'OPTIONS', headers })
    expect([...response.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
    expect(response.status).toBe(405)
  })
})

describe('WebSocket origins', () => {
  const opened = (of: TestGateway, headers: Record<string, string>) =>
    new Promise<string>(resolve => {
      const socket = new WebSocket(of.url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => {
        socket.close()
        resolve('open')
      })
    })

  it('a cross-origin WebSocket upgrade is rejected with CROSS_ORIGIN', async () => {
    const headers = { origin: ELSEWHERE, connection: 'Upgrade', upgrade: 'websocket' }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(gateway.url, { headers }, resolve).on('error', reject).end()
    })
    expect(answer.statusCode).toBe(403)
    expect(JSON.parse(await text(answer))).toMatchObject({ errors: [{ extensions: { code: 'CROSS_ORIGIN' } }] })
  })

  it.each([
    ['a different origin', () => opened(gateway, { origin: ELSEWHERE }), /403/],
    ['an opaque origin', () => opened(gateway, { origin: 'null' }), /403/],
    ['an origin outside CORS_ORIGINS', () => opened(trusting, { origin: ELSEWHERE }), /403/],
    [
      'a different origin and Sec-Fetch-Mode: navigate',
      () => opened(gateway, { origin: ELSEWHERE, 'sec-fetch-mode': 'navigate' }),
      /403/,
    ],
    ['the origin of the gateway', () => opened(gateway, { origin: own(gateway) }), /^open$/],
    [
      'an origin in CORS_ORIGINS',
      () => opened(trusting, { origin: TRUSTED, 'sec-fetch-site': 'cross-site' }),
      /^open$/,
    ],
    ['no Origin header', () => opened(gateway, {}), /^open$/],
  ] as const)(
    'a WebSocket upgrade with %s is accepted, or rejected with 403, as expected',
    async (_what, open, expected) => {
      expect(await open()).toMatch(expected)
    },
  )
})

/** Uses `http.request`, because Node's fetch never sets `sec-fetch-mode: navigate`. */
const followLink = (): Promise<Response> =>
  new Promise((resolve, reject) => {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    const outgoing = request(gateway.url, { headers }, async answer => {
      const { statusCode: status = 0 } = answer
      resolve(new Response(await text(answer), { status, headers: answer.headers as Record<string, string> }))
    })
    outgoing.on('error', reject).end()
  })

describe('GraphiQL', () => {
  it('GraphiQL allows only its own script, and no framing', async () => {
    const response = await followLink()
    const policy = response.headers.get('content-security-policy') ?? ''
    const of = (directive: string) => new RegExp(`(?:^|; )${directive} ([^;]*)`).exec(policy)?.[1]
    expect(response.status).toBe(200)
    expect(of('default-src')).toBe("'none'")
    expect(of('script-src')).toMatch(/^'sha256-[\w+/]{43}='$/)
    expect(of('connect-src')).toBe("'self'")
    expect(of('frame-ancestors')).toBe("'none'")
    expect(of('base-uri')).toBe("'none'")
    expect(of('form-action')).toBe("'none'")
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    expect(await response.text()).toContain('Restcomm GraphQL')
  })

  it('GraphiQL is compressed for clients that accept gzip', async () => {
    const plain = await (await followLink()).text()
    // fetch decompresses the body.
    const zipped = await fetch(gateway.url, { headers: { accept: 'text/html' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(Number(zipped.headers.get('content-length'))).toBeLessThan(plain.length / 3)
    expect(await zipped.text()).toBe(plain)
  })

  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/html, application/json', 'text/html'],
    ['application/json, text/html;q=0.1', 'application/json'],
    ['application/json;q=0.5, text/html;q=0', 'application/json'],
  ])('a GET of /graphql with `Accept: %s` is answered with %s', async (accept, type) => {
    const response = await fetch(`${gateway.url}?query={__typename}`, { headers: { accept } })
    expect(response.headers.get('content-type')).toContain(type)
    await response.body?.cancel()
  })

  it('a gateway with GRAPHIQL=false answers browsers with JSON', async () => {
    const without = await startGateway({ env: { GRAPHIQL: 'false' } })
    const response = await fetch(`${without.url}?query={__typename}`, { headers: { accept: 'text/html,*/*' } })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
    await without.close()
  })
})
