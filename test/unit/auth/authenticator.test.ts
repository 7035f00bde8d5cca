import { createHash } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createAuthenticator } from '../../../src/auth/authenticator.ts'
import type { Identity, UpstreamCredentials } from '../../../src/auth/upstreamCredentials.ts'
import { readConfig } from '../../../src/config.ts'
import { RepeatedEvents } from '../../../src/observability/repeatedEvents.ts'
import { basic } from '../../support/gateway.ts'
import { startIdentityProvider } from '../../support/identityProvider.ts'

const log = pino({ level: 'silent' })
const [A = '', B = ''] = ['A', 'B'].map(letter => `AC${letter.repeat(32)}`)
const SERVICE = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'the-token' }
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const API_KEY_HASHES = [
  `${hashOf('all')}`,
  `${hashOf('also-all')}`,
  `${hashOf('ab')}=${A}+${B}`,
  `${hashOf('ba')}=${B}+${A}`,
  `${hashOf('a')}=${A}`,
].join(',')

const authenticate = (settings: Record<string, string>) =>
  createAuthenticator(SERVICE, readConfig(settings).authentication, { log, events: new RepeatedEvents(log) })

const credentialsIn = (identity: Identity | Promise<Identity>): UpstreamCredentials => {
  if (identity instanceof Promise || identity instanceof Error)
    throw new Error('Expected credentials, not an error or a promise.')
  return identity
}

describe('API keys', () => {
  const check = authenticate({ API_KEY_HASHES })
  const credentialsFor = (key: string) => credentialsIn(check(`Bearer ${key}`))

  it('the authenticator verifies API keys and Basic credentials synchronously', () => {
    expect([...(credentialsFor('ab').accounts ?? [])]).toEqual([A, B])
    expect([...(credentialsFor('ba').accounts ?? [])]).toEqual([B, A])
    expect(credentialsFor('all').accounts).toBeNull()
    expect(credentialsIn(check(basic('part'))).accounts).toBeNull()
  })

  it('the authenticator gives clients with the same allowed accounts, and no further clients, the same credential hash', () => {
    expect(credentialsFor('ab').credentialHash).toBe(credentialsFor('ba').credentialHash)
    expect(credentialsFor('all').credentialHash).toBe(credentialsFor('also-all').credentialHash)
    const serviceBasic = `Basic ${Buffer.from(`${SERVICE.accountSid}:${SERVICE.authToken}`).toString('base64')}`
    expect(credentialsIn(check(serviceBasic)).credentialHash).toBe(credentialsFor('all').credentialHash)
    expect(new Set(['all', 'ab', 'a'].map(key => credentialsFor(key).credentialHash)).size).toBe(3)
  })

  it('the authenticator gives every API key a separate client id, and no identifier reveals the key or the credentials', () => {
    const keys = ['all', 'also-all', 'ab', 'ba', 'a']
    expect(new Set(keys.map(key => credentialsFor(key).clientId)).size).toBe(keys.length)
    for (const key of keys) {
      const { credentialHash: credential, clientId } = credentialsFor(key)
      expect(`${credential} ${clientId}`).toMatch(/^[\w-]{43} [\w-]{43}$/)
      for (const encoding of ['hex', 'base64url', 'base64'] as const) {
        expect(clientId).not.toBe(Buffer.from(hashOf(key), 'hex').toString(encoding))
      }
    }
  })
})

describe('rejected `Authorization` headers', () => {
  const check = authenticate({ API_KEY_HASHES })
  const HINT = 'send `Authorization: Bearer` with an API key.'
  const INVALID_BASIC =
    'The `Basic` credentials are invalid: expected the base64 of `account:token`, with an account SID or e-mail address.'

  it.each([
    ['no header', null, `The request has no \`Authorization\` header: ${HINT}`],
    [
      'a too long header',
      `Bearer ${'x'.repeat(20_000)}`,
      'The `Authorization` header has 20007 characters: expected at most 16384.',
    ],
    ['an unknown scheme', 'Digest abc', `The \`Authorization\` header has no supported scheme: ${HINT}`],
    ['no scheme', 'abc', `The \`Authorization\` header has no supported scheme: ${HINT}`],
    ['malformed base64', 'Basic !', INVALID_BASIC],
    ['an invalid account', `Basic ${Buffer.from('nobody:secret').toString('base64')}`, INVALID_BASIC],
    ['an unknown API key', 'Bearer abc', 'The API key is unknown: expected a key with a hash in API_KEY_HASHES.'],
  ])('the authenticator names the problem and the expected form: %s', (_label, header, message) => {
    expect(check(header)).toMatchObject({ message, extensions: { code: 'UNAUTHENTICATED' } })
  })
})

describe('JSON Web Tokens', () => {
  const start = async () => {
    const provider = await startIdentityProvider()
    onTestFinished(() => provider.close())
    return { provider, check: authenticate({ ...provider.settings }) }
  }

  it('the authenticator verifies a token asynchronously once, then synchronously from the cache', async () => {
    const { provider, check } = await start()
    const header = `Bearer ${await provider.token({ accounts: [A] })}`
    const first = check(header)
    expect(first).toBeInstanceOf(Promise)
    expect(check(header)).toBeInstanceOf(Promise)
    expect(credentialsIn(await first)).toBe(credentialsIn(check(header)))
  })

  it('the authenticator rejects a cached token after the expiry of the token', async () => {
    const { provider, check } = await start()
    const exp = Math.floor(Date.now() / 1_000) - 3
    const header = `Bearer ${await provider.token({ accounts: [A], exp })}`
    expect(credentialsIn(await check(header)).expiresAt).toBe((exp + 5) * 1_000)
    const advancedMs = performance.now() + 3_000
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000 })
    vi.spyOn(performance, 'now').mockReturnValue(advancedMs)
    onTestFinished(() => {
      vi.useRealTimers()
      vi.restoreAllMocks()
    })
    // lru-cache reads the clock again after a timeout of 1 ms.
    await expect.poll(async () => (await check(header)) instanceof Error, { interval: 1 }).toBe(true)
  })

  it('the authenticator gives tokens of a subject the same client id, and tokens without a subject a client id per account list', async () => {
    const { provider, check } = await start()
    const clientOf = async (claims: Record<string, unknown>) =>
      credentialsIn(await check(`Bearer ${await provider.token({ jti: String(Math.random()), ...claims })}`)).clientId
    const one = await clientOf({ accounts: [A], sub: 'one' })
    expect(await clientOf({ accounts: [A, B], sub: 'one' })).toBe(one)
    expect(await clientOf({ accounts: [A], sub: 'two' })).not.toBe(one)
    const unnamed = await clientOf({ accounts: [A], sub: undefined })
    expect(await clientOf({ accounts: [A], sub: undefined })).toBe(unnamed)
    expect(await clientOf({ accounts: [B], sub: undefined })).not.toBe(unnamed)
  })
})
