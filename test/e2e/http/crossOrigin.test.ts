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

/** Node's fetch sends what a browser would keep to itself: `sec-fetch-mode` it sets on its own. */
const post = (of: TestGateway, headers: Record<string, string>) =>
  fetch(of.url, { method: 'POST', headers: { ...json, ...headers }, body: BODY })
const get = (of: TestGateway, headers: Record<string, string>) =>
  fetch(`${of.url}?query={viewer{sid}}`, { headers: { authorization: basic('conf137'), ...headers } })

describe('a page of another origin', () => {
  it.each([
    ['asks with POST', () => post(gateway, { origin: ELSEWHERE })],
    ['has no name', () => post(gateway, { origin: 'null' })],
    ['is on the same machine at another port', () => post(gateway, { origin: 'http://127.0.0.1:1' })],
    ['says only that it is from elsewhere', () => post(gateway, { 'sec-fetch-site': 'cross-site' })],
    ['is of a neighbour', () => post(gateway, { origin: ELSEWHERE, 'sec-fetch-site': 'same-site' })],
    ['has our host and another scheme', () => post(gateway, { origin: own(gateway), 'sec-fetch-site': 'cross-site' })],
    ['asks with GET', () => get(gateway, { origin: ELSEWHERE })],
    ['asks with GET for an image', () => get(gateway, { 'sec-fetch-site': 'cross-site' })],
    ['is not in CORS_ORIGINS', () => post(trusting, { origin: ELSEWHERE, 'sec-fetch-site': 'cross-site' })],
    ['looks like one in CORS_ORIGINS', () => post(trusting, { origin: `${TRUSTED}.evil.example` })],
    [
      'asks whether it may',
      () =>
        fetch(trusting.url, {
          method: 'OPTIONS',
          headers: { origin: ELSEWHERE, 'access-control-request-method': 'POST' },
        }),
    ],
  ])('that %s is refused, and nothing is sent', async (_what, ask) => {
    const response = await ask()
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'Pages of other origins may not ask here (CORS_ORIGINS).',
          extensions: { code: 'CROSS_ORIGIN', requestId: response.headers.get('x-request-id') },
        },
      ],
    })
    expect([...gateway.asked(), ...trusting.asked()]).toEqual([])
  })

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain;a=application/json',
    '',
  ])('cannot do without asking first, since a body of type "%s" is for nobody', async type => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': type, authorization: basic('conf137') },
      body: type.startsWith('application/x') ? 'query={viewer{sid}}' : BODY,
    })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }] })
    expect(gateway.asked()).toEqual([])
  })
})

describe('not refused is', () => {
  it.each([
    ['a program, which says nothing', () => post(gateway, {})],
    ['the gateway’s own page', () => post(gateway, { origin: own(gateway) })],
    [
      'the gateway’s own page, in a newer browser',
      () => post(gateway, { origin: own(gateway), 'sec-fetch-site': 'same-origin' }),
    ],
    [
      'the gateway’s own page behind a proxy that changes the host',
      () => post(gateway, { origin: 'https://public.example', 'sec-fetch-site': 'same-origin' }),
    ],
    ['an address that somebody types', () => get(gateway, { 'sec-fetch-site': 'none' })],
    ['a page in CORS_ORIGINS', () => post(trusting, { origin: TRUSTED, 'sec-fetch-site': 'cross-site' })],
    [
      'another page in CORS_ORIGINS, with GET',
      () => get(trusting, { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }),
    ],
  ])('%s', async (_who, ask) => {
    const response = await ask()
    expect([response.status, await response.json()]).toEqual([
      200,
      { data: { viewer: { sid: accountOf('conf137').sid } } },
    ])
  })
})

describe('CORS', () => {
  it('lets pages of the origins that are set read answers, whatever these are, and no others', async () => {
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

  it('tells them what they may send', async () => {
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

  it('is off unless it is set', async () => {
    const headers = { origin: own(gateway), 'access-control-request-method': 'POST' }
    const response = await fetch(gateway.url, { method: 'OPTIONS', headers })
    expect([...response.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
    expect(response.status).toBe(405)
  })
})

describe('a WebSocket', () => {
  const opened = (of: TestGateway, headers: Record<string, string>) =>
    new Promise<string>(resolve => {
      const socket = new WebSocket(of.url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => {
        socket.close()
        resolve('open')
      })
    })

  it('that is refused is told why', async () => {
    const headers = { origin: ELSEWHERE, connection: 'Upgrade', upgrade: 'websocket' }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(gateway.url, { headers }, resolve).on('error', reject).end()
    })
    expect(answer.statusCode).toBe(403)
    expect(JSON.parse(await text(answer))).toMatchObject({ errors: [{ extensions: { code: 'CROSS_ORIGIN' } }] })
  })

  it.each([
    ['of another origin', () => opened(gateway, { origin: ELSEWHERE }), /403/],
    ['of no origin that has a name', () => opened(gateway, { origin: 'null' }), /403/],
    ['of an origin that is not set', () => opened(trusting, { origin: ELSEWHERE }), /403/],
    [
      'of a page that calls itself a navigation',
      () => opened(gateway, { origin: ELSEWHERE, 'sec-fetch-mode': 'navigate' }),
      /403/,
    ],
    ['of the gateway’s own page', () => opened(gateway, { origin: own(gateway) }), /^open$/],
    ['of an origin that is set', () => opened(trusting, { origin: TRUSTED, 'sec-fetch-site': 'cross-site' }), /^open$/],
    ['of a program', () => opened(gateway, {}), /^open$/],
  ] as const)('%s is as it should be', async (_what, open, expected) => {
    expect(await open()).toMatch(expected)
  })
})

/** Node's fetch says that it does not navigate, so this is by hand. */
const followLink = (): Promise<Response> =>
  new Promise((resolve, reject) => {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    const asking = request(gateway.url, { headers }, async answer => {
      const { statusCode: status = 0 } = answer
      resolve(new Response(await text(answer), { status, headers: answer.headers as Record<string, string> }))
    })
    asking.on('error', reject).end()
  })

describe('GraphiQL', () => {
  it('comes with headers under which its own script alone runs, and in no frame', async () => {
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

  it('comes zipped to whoever unzips, and is the same page', async () => {
    const plain = await (await followLink()).text()
    // fetch unzips by itself.
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
  ])('is for those who want a page: %s', async (accept, type) => {
    const response = await fetch(`${gateway.url}?query={__typename}`, { headers: { accept } })
    expect(response.headers.get('content-type')).toContain(type)
    await response.body?.cancel()
  })

  it('is left out where it is set so, and a browser is answered as a program is', async () => {
    const without = await startGateway({ env: { GRAPHIQL: 'false' } })
    const response = await fetch(`${without.url}?query={__typename}`, { headers: { accept: 'text/html,*/*' } })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
    await without.close()
  })
})
