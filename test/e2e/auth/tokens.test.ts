import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import WebSocket from 'ws'
import { accountOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { type Claims, type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const part = accountOf('part').sid
const conf1 = accountOf('conf1').sid
const VIEWER = '{ viewer { sid } }'

const startTokenGateway = async (
  provider: IdentityProvider,
  env: Record<string, string> = {},
): Promise<TestGateway> => {
  const { sid, password } = accountOf('admin')
  const own = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password, LIVE_POLL_INTERVAL_MS: '40' }
  return startGateway({ env: { ...own, ...provider.settings, ...env } })
}

const queryWithToken = (gateway: TestGateway, token: string, query = VIEWER) =>
  gateway.query(query, { as: null, headers: { authorization: `Bearer ${token}` } })

const outcomeOf = async (gateway: TestGateway, token: string): Promise<unknown> => {
  const { data, errors } = await queryWithToken(gateway, token)
  return errors?.[0]?.extensions?.code ?? data.viewer.sid
}

/** The gateway accepts tokens for this time after their expiry. */
const CLOCK_SKEW_S = 5
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

describe('a JSON Web Token', () => {
  let provider: IdentityProvider
  let gateway: TestGateway
  beforeAll(async () => {
    provider = await startIdentityProvider()
    gateway = await startTokenGateway(provider)
  })
  afterAll(async () => {
    await gateway.close()
    await provider.close()
  })

  it('a token is served with the service credentials, and its first account is the viewer', async () => {
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part, conf1] }))).toBe(part)
    expect(await outcomeOf(gateway, await provider.token({ accounts: conf1, aud: ['x', 'restcomm-graphql'] }))).toBe(
      conf1,
    )
    expect(new Set(gateway.sandbox.requests.map(({ account }) => account))).toEqual(new Set([accountOf('admin').sid]))
  })

  it('a token reads the accounts of its claim only', async () => {
    const token = await provider.token({ accounts: [part] })
    const readAccount = async (sid: string) =>
      (await queryWithToken(gateway, token, `{ account(sid: "${sid}") { sid } }`)).data.account
    expect(await readAccount(part)).toEqual({ sid: part })
    expect(await readAccount(conf1)).toBeNull()
  })

  it.each<[string, Claims, string]>([
    ['has expired', { exp: inSeconds(-60) }, 'The token has expired: send a new token.'],
    ['never expires', { exp: undefined }, 'The token has no `exp` claim: expected a time in seconds since the epoch.'],
    [
      'has a different issuer',
      { iss: 'https://other.example.com/' },
      'The `iss` claim of the token has an unexpected value: expected the value of JWT_ISSUER.',
    ],
    ['has no issuer', { iss: undefined }, 'The token has no `iss` claim: expected the value of JWT_ISSUER.'],
    [
      'has a different audience',
      { aud: 'others' },
      'The `aud` claim of the token has an unexpected value: expected the value of JWT_AUDIENCE.',
    ],
    ['has no audience', { aud: undefined }, 'The token has no `aud` claim: expected the value of JWT_AUDIENCE.'],
    [
      'is not valid yet',
      { nbf: inSeconds(600) },
      'The token is not valid yet (`nbf`): retry later, or compare the clocks of the issuer and the gateway.',
    ],
    [
      'is valid for more than a day',
      { iat: inSeconds(-60), exp: inSeconds(86_400) },
      'The token is valid for 86460 s: expected at most 86400 s (JWT_MAX_LIFETIME_SECONDS).',
    ],
    [
      'expires in two days and has no `iat`',
      { exp: inSeconds(172_800) },
      'expected at most 86400 s (JWT_MAX_LIFETIME_SECONDS).',
    ],
    [
      'has no accounts claim',
      { accounts: undefined },
      'The `accounts` claim of the token is missing or invalid: expected an account SID, or an array of account SIDs.',
    ],
    ['has an empty accounts claim', { accounts: [] }, 'The `accounts` claim of the token is missing or invalid'],
    [
      'lists an invalid account SID',
      { accounts: [part, 'CF1'] },
      'The `accounts` claim of the token is missing or invalid',
    ],
    [
      'lists the accounts in a single string',
      { accounts: `${part} ${conf1}` },
      'The `accounts` claim of the token is missing or invalid',
    ],
  ])('a token that %s is UNAUTHENTICATED with the reason', async (_label, claims, message) => {
    gateway.sandbox.clearRequests()
    const { data, errors } = await queryWithToken(gateway, await provider.token({ accounts: [part], ...claims }))
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'UNAUTHENTICATED' } },
    ])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('a token for a purpose other than access is UNAUTHENTICATED', async () => {
    const withType = async (typ: string) => outcomeOf(gateway, await provider.token({ accounts: [part] }, { typ }))
    expect(await Promise.all(['at+jwt', 'JWT', 'application/at+jwt', 'jwt'].map(withType))).toEqual(Array(4).fill(part))
    expect(await Promise.all(['logout+jwt', 'dpop+jwt', 'id+jwt', 'x'].map(withType))).toEqual(
      Array(4).fill('UNAUTHENTICATED'),
    )
  })

  it('a token is accepted for five seconds after its expiry, for clock skew', async () => {
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part], exp: inSeconds(-2) }))).toBe(part)
  })

  it('a token with an invalid or missing signature is UNAUTHENTICATED', async () => {
    const otherProvider = await startIdentityProvider()
    onTestFinished(() => otherProvider.close())
    const claims = { accounts: [part] }
    const validToken = await provider.token(claims)
    const [header = '', payload = ''] = validToken.split('.')
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    // Signed with HMAC, with the public key as the secret.
    const hmacToken = await new SignJWT({
      iss: 'https://id.example.com/',
      aud: 'restcomm-graphql',
      exp: inSeconds(60),
      ...claims,
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(Buffer.from(JSON.stringify(provider.publicKey)))
    const [, , signature = ''] = validToken.split('.')
    const forged = encoded({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), accounts: [conf1] })
    for (const token of [
      await otherProvider.token(claims),
      await provider.token(claims, { kid: 'key-9' }),
      hmacToken,
      `${encoded({ alg: 'none', kid: 'key-1' })}.${payload}.`,
      `${encoded({ alg: 'none', kid: 'key-1' })}.${payload}.x`,
      `${header}.${forged}.${signature}`,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      'a.b.c',
      'x',
    ]) {
      expect(await outcomeOf(gateway, token)).toBe('UNAUTHENTICATED')
    }
    expect(await outcomeOf(gateway, validToken)).toBe(part)
  })

  it('a token and its claims never appear in the log or in errors', async () => {
    const tokens = await Promise.all([
      provider.token({ accounts: [part], sub: 'the-subject' }),
      provider.token({ accounts: [part], sub: 'the-subject', exp: inSeconds(-60) }),
      provider.token({ accounts: [part], sub: 'the-subject', aud: 'the-audience' }),
    ])
    const answers = await Promise.all(tokens.map(token => queryWithToken(gateway, token)))
    const output = gateway.logged.join('') + JSON.stringify(answers)
    const secrets = tokens.flatMap(token => [token, ...token.split('.').slice(1)])
    expect([...secrets, 'the-subject', 'the-audience'].filter(secret => output.includes(secret))).toEqual([])
  })
})

describe('tokens beside API keys', () => {
  it('tokens and API keys work side by side, with a configured accounts claim', async () => {
    const provider = await startIdentityProvider('RS256')
    const gateway = await startTokenGateway(provider, {
      API_KEY_HASHES: createHash('sha256').update('a-key').digest('hex'),
      JWT_ACCOUNTS_CLAIM: 'https://example.com/accounts',
    })
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
    })
    expect(await outcomeOf(gateway, await provider.token({ 'https://example.com/accounts': [part] }))).toBe(part)
    expect(await outcomeOf(gateway, 'a-key')).toBe(accountOf('admin').sid)
    const { errors } = await gateway.query(VIEWER, { as: null })
    expect(errors?.[0]?.message).toContain('send `Authorization: Bearer` with an API key or a JSON Web Token')
  })

  it('tokens can be verified with a JWKS file, without a request', async () => {
    const provider = await startIdentityProvider('EdDSA')
    const folder = mkdtempSync(join(tmpdir(), 'keys-'))
    const file = join(folder, 'keys.json')
    writeFileSync(file, JSON.stringify({ keys: [provider.publicKey] }))
    const gateway = await startTokenGateway(provider, { JWT_JWKS_URL: '', JWT_JWKS_FILE: file })
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
      rmSync(folder, { recursive: true })
    })
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part] }))).toBe(part)
    await provider.rotate()
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part] }))).toBe('UNAUTHENTICATED')
    expect(provider.requestCount).toBe(0)
  })
})

/** Minimum time between two fetches. */
const JWKS_COOLDOWN_MS = 5_000

describe('the JWKS of an identity provider', () => {
  let provider: IdentityProvider
  let gateway: TestGateway
  let elapsedMs: number
  beforeEach(() => {
    // Sums of fractions can be rounded below the exact end of an interval.
    const [startMs, startTime] = [Math.ceil(performance.now()), Date.now()]
    elapsedMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => startMs + elapsedMs)
    vi.spyOn(Date, 'now').mockImplementation(() => startTime + elapsedMs)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const start = async () => {
    provider = await startIdentityProvider()
    gateway = await startTokenGateway(provider)
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
    })
  }
  const token = () => provider.token({ accounts: [part], jti: String(Math.random()) })
  const outcome = async () => outcomeOf(gateway, await token())

  it('the JWKS is fetched once for concurrent first tokens', async () => {
    await start()
    expect(provider.requestCount).toBe(0)
    const outcomes = await Promise.all(Array.from({ length: 20 }, outcome))
    expect(new Set(outcomes)).toEqual(new Set([part]))
    expect(provider.requestCount).toBe(1)
  })

  it('the JWKS is fetched again for an unknown key id, at most once per interval', async () => {
    await start()
    expect(await outcome()).toBe(part)
    const stale = await token()
    await provider.rotate()
    elapsedMs += JWKS_COOLDOWN_MS - 1
    for (let i = 0; i < 10; i++) expect(await outcome()).toBe('UNAUTHENTICATED')
    expect(provider.requestCount).toBe(1)
    elapsedMs += 1
    expect(await outcome()).toBe(part)
    expect(await outcomeOf(gateway, stale)).toBe('UNAUTHENTICATED')
    expect(provider.requestCount).toBe(2)
  })

  it.each(['fails', 'sendsHtml'] as const)(
    'new tokens are AUTHENTICATION_UNAVAILABLE until the JWKS server recovers, with few requests to the server (%s)',
    async behaviour => {
      await start()
      provider.behaviour = behaviour
      for (let i = 0; i < 10; i++) expect(await outcome()).toBe('AUTHENTICATION_UNAVAILABLE')
      expect(provider.requestCount).toBe(1)
      expect(gateway.takeUpstreamRequests()).toEqual([])
      expect(gateway.logged.filter(line => line.includes('"msg":"JWKS fetch failed"'))).toHaveLength(1)
      provider.behaviour = 'responds'
      elapsedMs += JWKS_COOLDOWN_MS - 1
      expect(await outcome()).toBe('AUTHENTICATION_UNAVAILABLE')
      elapsedMs += 1
      expect(await outcome()).toBe(part)
      expect(provider.requestCount).toBe(2)
      const recoveries = gateway.logged.filter(line => line.includes('"msg":"JWKS fetch recovered"'))
      expect(recoveries.map(line => JSON.parse(line))).toMatchObject([{ level: 30, seconds: 5 }])
    },
  )

  it('tokens which name an invalid key of the JWKS neither prevent the next fetch nor fill the log', async () => {
    await start()
    provider.extraKeys = [{ ...provider.publicKey, kid: 'invalid', x: 'AA' }]
    expect(await outcome()).toBe(part)
    elapsedMs += JWKS_COOLDOWN_MS
    for (let i = 0; i < 10; i++) {
      const invalid = await provider.token({ accounts: [part], jti: String(i) }, { kid: 'invalid' })
      expect(await outcomeOf(gateway, invalid)).toBe('AUTHENTICATION_UNAVAILABLE')
    }
    await provider.rotate()
    expect(await outcome()).toBe(part)
    const messages = gateway.logged.map(line => JSON.parse(line)).filter(({ level }) => level >= 40)
    expect(messages.map(({ msg }) => msg).sort()).toEqual(['request refused', 'token verification failed'])
  })

  it('a hanging JWKS server delays one answer at most, and later answers fail at once', async () => {
    await start()
    provider.behaviour = 'hangs'
    const timeout = new AbortController()
    const createTimeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(timeout.signal)
    const delayed = outcome()
    await waitUntil(() => provider.requestCount === 1, 'the JWKS is requested')
    expect(createTimeout.mock.calls).toEqual([[3_000]])
    timeout.abort(new DOMException('The time is over.', 'TimeoutError'))
    expect(await delayed).toBe('AUTHENTICATION_UNAVAILABLE')
    expect(await outcome()).toBe('AUTHENTICATION_UNAVAILABLE')
    expect(provider.requestCount).toBe(1)
  })

  it('cached keys stay valid while the JWKS server fails, and unknown keys are rejected', async () => {
    await start()
    expect(await outcome()).toBe(part)
    provider.behaviour = 'fails'
    expect(await outcome()).toBe(part)
    const unknown = async () => outcomeOf(gateway, await provider.token({ accounts: [part] }, { kid: 'key-9' }))
    expect(await unknown()).toBe('UNAUTHENTICATED')
    elapsedMs += JWKS_COOLDOWN_MS
    expect(await unknown()).toBe('AUTHENTICATION_UNAVAILABLE')
    expect(await outcome()).toBe(part)
  })

  it('an unreachable JWKS is a 503, and Basic credentials still work', async () => {
    await start()
    provider.behaviour = 'fails'
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json',
        'content-type': 'application/json',
        authorization: `Bearer ${await token()}`,
      },
      body: JSON.stringify({ query: VIEWER }),
    })
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('127.0.0.1')
    expect((await gateway.query(VIEWER, { as: 'part' })).data.viewer.sid).toBe(part)
  })
})

describe('a subscription with a token', () => {
  const id = nodeIdOf('Conference', part, conferenceOf('part5'))
  const query = `subscription { conferenceEvents(conferenceId: "${id}") { __typename } }`
  let provider: IdentityProvider
  let gateway: TestGateway
  beforeAll(async () => {
    provider = await startIdentityProvider()
    gateway = await startTokenGateway(provider)
  })
  afterAll(async () => {
    await gateway.close()
    await provider.close()
  })

  const bySse = (token: string) => {
    const client = sseClient({ url: gateway.url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 })
    return client.iterate({ query })
  }
  const byWebSocket = (token: string) => {
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    })
    return client.iterate({ query })
  }

  const EXPIRY_S = 12_345
  /** The subscription compares the expiry with the clock after this time, a duration that no other timer has. */
  const CLOCK_CHECK_MS = 60_000
  const expiringToken = () => provider.token({ accounts: [part], exp: inSeconds(EXPIRY_S) })

  /** Advances the clock to the expiry of the token, and runs the timer of the subscription. */
  const expireToken = (timers: ReturnType<typeof spyOnTimers>) => {
    const [expire] = timers.mock.calls.find(([, delayMs]) => delayMs === CLOCK_CHECK_MS) ?? []
    if (expire === undefined) throw new Error('No timer waits for the expiry of the token.')
    const now = Date.now() + (EXPIRY_S + CLOCK_SKEW_S) * 1_000
    vi.spyOn(Date, 'now').mockReturnValue(now)
    expire()
  }
  const spyOnTimers = () => vi.spyOn(globalThis, 'setTimeout')
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['server-sent events', bySse],
    ['WebSocket', byWebSocket],
  ])('a subscription ends with UNAUTHENTICATED at the expiry of its token, by %s', async (_label, subscribe) => {
    const timers = spyOnTimers()
    const results: unknown[] = []
    for await (const result of subscribe(await expiringToken())) {
      results.push(result)
      if (results.length === 1) expireToken(timers)
    }
    expect(results).toHaveLength(2)
    expect(results[0]).toEqual({ data: { conferenceEvents: { __typename: 'ConferenceSnapshot' } } })
    expect(results[1]).toMatchObject({
      data: { conferenceEvents: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    })
    await expect.poll(async () => await (await fetch(new URL('/metrics', gateway.url))).text()).toMatch(/watches 0/)
  })

  it('the subscription of a different token continues on the same poll', async () => {
    const lasting = bySse(await provider.token({ accounts: [part], exp: inSeconds(80_000) }))
    expect((await lasting.next()).value).toMatchObject({ data: { conferenceEvents: {} } })
    const timers = spyOnTimers()
    let received = 0
    for await (const _ of bySse(await expiringToken())) if (++received === 1) expireToken(timers)
    expect(received).toBe(2)
    const next = lasting.next()
    gateway.sandbox.rows.addCall({ account_sid: part, conference_sid: conferenceOf('part5') })
    expect((await next).value).toEqual({ data: { conferenceEvents: { __typename: 'ParticipantJoined' } } })
    await lasting.return?.()
  })

  it.each([
    ['server-sent events', bySse, { message: 'Server responded with 401: Unauthorized' }],
    ['WebSocket', byWebSocket, [{ extensions: { code: 'UNAUTHENTICATED' } }]],
  ])('a subscription does not start with an invalid token, by %s', async (_label, subscribe, errors) => {
    const iterator = subscribe(await provider.token({ accounts: [part], exp: inSeconds(-60) }))
    const first = iterator.next()
    await expect(
      first.then(
        ({ value }) => value ?? null,
        error => ({ errors: error }),
      ),
    ).resolves.toMatchObject({ errors })
  })
})
