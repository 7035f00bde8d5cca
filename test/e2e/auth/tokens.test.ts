import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { accountOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { type Claims, type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts'
import { idOf } from '../../support/nodeId.ts'

const part = accountOf('part').sid
const conf1 = accountOf('conf1').sid
const VIEWER = '{ viewer { sid } }'

const serve = async (provider: IdentityProvider, env: Record<string, string> = {}): Promise<TestGateway> => {
  const { sid, password } = accountOf('admin')
  const own = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password, LIVE_POLL_INTERVAL_MS: '40' }
  return startGateway({ env: { ...own, ...provider.settings, ...env } })
}

const ask = (gateway: TestGateway, token: string, query = VIEWER) =>
  gateway.query(query, { as: null, headers: { authorization: `Bearer ${token}` } })

const outcomeOf = async (gateway: TestGateway, token: string): Promise<unknown> => {
  const { data, errors } = await ask(gateway, token)
  return errors?.[0]?.extensions?.code ?? data.viewer.sid
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

describe('a token', () => {
  let provider: IdentityProvider
  let gateway: TestGateway
  beforeAll(async () => {
    provider = await startIdentityProvider()
    gateway = await serve(provider)
  })
  afterAll(async () => {
    await gateway.close()
    await provider.close()
  })

  it('is served with the credentials of the gateway, and its first account is its own', async () => {
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part, conf1] }))).toBe(part)
    expect(await outcomeOf(gateway, await provider.token({ accounts: conf1, aud: ['x', 'restcomm-graphql'] }))).toBe(
      conf1,
    )
    expect(new Set(gateway.sandbox.requests.map(({ account }) => account))).toEqual(new Set([accountOf('admin').sid]))
  })

  it('sees the accounts that it lists, and no others', async () => {
    const token = await provider.token({ accounts: [part] })
    const sees = async (sid: string) => (await ask(gateway, token, `{ account(sid: "${sid}") { sid } }`)).data.account
    expect(await sees(part)).toEqual({ sid: part })
    expect(await sees(conf1)).toBeNull()
  })

  it.each<[string, Claims, string]>([
    ['has expired', { exp: inSeconds(-60) }, 'The token has expired.'],
    ['never expires', { exp: undefined }, 'The token has no `exp` claim.'],
    ['is of another issuer', { iss: 'https://other.example.com/' }, 'The `iss` claim of the token is not what'],
    ['names no issuer', { iss: undefined }, 'The token has no `iss` claim.'],
    ['is for others', { aud: 'others' }, 'The `aud` claim of the token is not what'],
    ['is for nobody', { aud: undefined }, 'The token has no `aud` claim.'],
    ['is not valid yet', { nbf: inSeconds(600) }, 'The token is not valid yet (`nbf`).'],
    ['names no accounts', { accounts: undefined }, 'does not say which accounts it may see: `accounts` lists'],
    ['lists no accounts', { accounts: [] }, 'does not say which accounts it may see'],
    ['lists what is no account', { accounts: [part, 'CF1'] }, 'does not say which accounts it may see'],
    ['lists accounts in one text', { accounts: `${part} ${conf1}` }, 'does not say which accounts it may see'],
  ])('that %s is UNAUTHENTICATED, and is told so', async (_what, claims, message) => {
    gateway.sandbox.clearRequests()
    const { data, errors } = await ask(gateway, await provider.token({ accounts: [part], ...claims }))
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'UNAUTHENTICATED' } },
    ])
    expect(gateway.asked()).toEqual([])
  })

  it('is taken for a few seconds longer, since clocks differ', async () => {
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part], exp: inSeconds(-2) }))).toBe(part)
  })

  it('with a signature of another, or with none, is UNAUTHENTICATED', async () => {
    const other = await startIdentityProvider()
    onTestFinished(() => other.close())
    const claims = { accounts: [part] }
    const right = await provider.token(claims)
    const [head = '', body = ''] = right.split('.')
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    // Signed with what everybody can read, as if it were a secret that both sides share.
    const confused = await new SignJWT({
      iss: 'https://id.example.com/',
      aud: 'restcomm-graphql',
      exp: inSeconds(60),
      ...claims,
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(Buffer.from(JSON.stringify(provider.publicKey)))
    const [, , signature = ''] = right.split('.')
    const forged = encoded({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), accounts: [conf1] })
    for (const token of [
      await other.token(claims),
      await provider.token(claims, { kid: 'key-9' }),
      confused,
      `${encoded({ alg: 'none', kid: 'key-1' })}.${body}.`,
      `${encoded({ alg: 'none', kid: 'key-1' })}.${body}.x`,
      `${head}.${forged}.${signature}`,
      `${head}.${body}`,
      `${head}.${body}.`,
      'a.b.c',
      'x',
    ]) {
      expect(await outcomeOf(gateway, token)).toBe('UNAUTHENTICATED')
    }
    expect(await outcomeOf(gateway, right)).toBe(part)
  })

  it('is never logged, nor shown in an error, nor is what it claims', async () => {
    const tokens = await Promise.all([
      provider.token({ accounts: [part], sub: 'the-subject' }),
      provider.token({ accounts: [part], sub: 'the-subject', exp: inSeconds(-60) }),
      provider.token({ accounts: [part], sub: 'the-subject', aud: 'the-audience' }),
    ])
    const answers = await Promise.all(tokens.map(token => ask(gateway, token)))
    const written = gateway.logged.join('') + JSON.stringify(answers)
    const secrets = tokens.flatMap(token => [token, ...token.split('.').slice(1)])
    expect([...secrets, 'the-subject', 'the-audience'].filter(secret => written.includes(secret))).toEqual([])
  })
})

describe('tokens and keys', () => {
  it('are served side by side, with one claim of any name', async () => {
    const provider = await startIdentityProvider('RS256')
    const gateway = await serve(provider, {
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

  it('may be checked with the keys of a file, without anybody being asked', async () => {
    const provider = await startIdentityProvider('EdDSA')
    const folder = mkdtempSync(join(tmpdir(), 'keys-'))
    const file = join(folder, 'keys.json')
    writeFileSync(file, JSON.stringify({ keys: [provider.publicKey] }))
    const gateway = await serve(provider, { JWT_JWKS_URL: '', JWT_JWKS_FILE: file })
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
      rmSync(folder, { recursive: true })
    })
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part] }))).toBe(part)
    await provider.rotate()
    expect(await outcomeOf(gateway, await provider.token({ accounts: [part] }))).toBe('UNAUTHENTICATED')
    expect(provider.asked).toBe(0)
  })
})

describe('the keys of an identity provider', () => {
  let provider: IdentityProvider
  let gateway: TestGateway
  const start = async () => {
    provider = await startIdentityProvider()
    gateway = await serve(provider)
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
    })
  }
  const token = () => provider.token({ accounts: [part], jti: String(Math.random()) })
  const outcome = async () => outcomeOf(gateway, await token())

  it('are read once, when the first token comes, however many come', async () => {
    await start()
    expect(provider.asked).toBe(0)
    const outcomes = await Promise.all(Array.from({ length: 20 }, outcome))
    expect(new Set(outcomes)).toEqual(new Set([part]))
    expect(provider.asked).toBe(1)
  })

  it('are read again when a token names another, but not for each that does', async () => {
    await start()
    expect(await outcome()).toBe(part)
    const stale = await token()
    await provider.rotate()
    for (let i = 0; i < 10; i++) await outcome()
    expect(provider.asked).toBeLessThanOrEqual(2)
    await expect.poll(outcome, { timeout: 15_000, interval: 500 }).toBe(part)
    expect(await outcomeOf(gateway, stale)).toBe('UNAUTHENTICATED')
    expect(provider.asked).toBeLessThanOrEqual(4)
  })

  it.each(['fails', 'sends a page'] as const)(
    'where their server %s, nobody is let in, it is not pressed, and all is well once it is',
    async behaviour => {
      await start()
      provider.behaviour = behaviour
      const outcomes = []
      for (let i = 0; i < 10; i++) outcomes.push(await outcome())
      expect(new Set(outcomes)).toEqual(new Set(['AUTHENTICATION_UNAVAILABLE']))
      expect(provider.asked).toBeLessThanOrEqual(2)
      expect(gateway.asked()).toEqual([])
      expect(gateway.logged.filter(line => line.includes('cannot be read (JWT_JWKS_URL)'))).toHaveLength(provider.asked)
      provider.behaviour = 'answers'
      await expect.poll(outcome, { timeout: 15_000, interval: 500 }).toBe(part)
    },
  )

  it('where their server hangs, the answer comes all the same, and then at once', async () => {
    await start()
    provider.behaviour = 'hangs'
    const began = performance.now()
    expect(await outcome()).toBe('AUTHENTICATION_UNAVAILABLE')
    expect(performance.now() - began).toBeLessThan(9_000)
    const asked = provider.asked
    const again = performance.now()
    expect(await outcome()).toBe('AUTHENTICATION_UNAVAILABLE')
    expect(performance.now() - again).toBeLessThan(2_500)
    expect(provider.asked).toBe(asked)
  })

  it('that are known go on to count while their server fails, and unknown ones are not taken', async () => {
    await start()
    expect(await outcome()).toBe(part)
    provider.behaviour = 'fails'
    expect(await outcome()).toBe(part)
    const unknown = async () => outcomeOf(gateway, await provider.token({ accounts: [part] }, { kid: 'key-9' }))
    expect(['UNAUTHENTICATED', 'AUTHENTICATION_UNAVAILABLE']).toContain(await unknown())
    expect(await outcome()).toBe(part)
  })

  it('that cannot be read are a 503, and whoever brings credentials of an account is served', async () => {
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

describe('a subscription', () => {
  const id = idOf('Conference', part, conferenceOf('part5'))
  const query = `subscription { conferenceEvents(conferenceId: "${id}") { __typename } }`
  let provider: IdentityProvider
  let gateway: TestGateway
  beforeAll(async () => {
    provider = await startIdentityProvider()
    gateway = await serve(provider)
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

  it.each([
    ['server-sent events', bySse],
    ['WebSocket', byWebSocket],
  ])('ends with UNAUTHENTICATED when its token expires, by %s', async (_what, subscribe) => {
    // Five seconds more are granted to clocks that differ.
    const token = await provider.token({ accounts: [part], exp: inSeconds(-3) })
    const results: unknown[] = []
    for await (const result of subscribe(token)) results.push(result)
    expect(results).toHaveLength(2)
    expect(results[0]).toEqual({ data: { conferenceEvents: { __typename: 'ConferenceSnapshot' } } })
    expect(results[1]).toMatchObject({ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    await expect.poll(async () => await (await fetch(new URL('/metrics', gateway.url))).text()).toMatch(/watches 0/)
  })

  it('of another token goes on, where both watch the same', async () => {
    const going = bySse(await provider.token({ accounts: [part] }))
    expect((await going.next()).value).toMatchObject({ data: { conferenceEvents: {} } })
    const ending = bySse(await provider.token({ accounts: [part], exp: inSeconds(-3) }))
    for await (const _ of ending) {
      // Until it is over.
    }
    const next = going.next()
    gateway.sandbox.rows.addCall({ account_sid: part, conference_sid: conferenceOf('part5') })
    expect((await next).value).toEqual({ data: { conferenceEvents: { __typename: 'ParticipantJoined' } } })
    await going.return?.()
  })

  it.each([
    ['server-sent events', bySse],
    ['WebSocket', byWebSocket],
  ])('does not begin with a token that does not count, by %s', async (_what, subscribe) => {
    const iterator = subscribe(await provider.token({ accounts: [part], exp: inSeconds(-60) }))
    const first = iterator.next()
    await expect(
      first.then(
        ({ value }) => value ?? null,
        error => ({ errors: error }),
      ),
    ).resolves.toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    })
  })
})
