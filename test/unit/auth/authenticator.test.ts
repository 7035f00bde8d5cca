import { createHash } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { authenticator } from '../../../src/auth/authenticator.ts'
import type { Credentials, Identity } from '../../../src/auth/credentials.ts'
import { basic } from '../../support/gateway.ts'
import { startIdentityProvider } from '../../support/identityProvider.ts'

const [A = '', B = ''] = ['A', 'B'].map(letter => `AC${letter.repeat(32)}`)
const OWN = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'the-token' }
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const API_KEY_HASHES = [
  `${hashOf('all')}`,
  `${hashOf('also-all')}`,
  `${hashOf('ab')}=${A}+${B}`,
  `${hashOf('ba')}=${B}+${A}`,
  `${hashOf('a')}=${A}`,
].join(',')

const authenticate = (settings: Record<string, string>) =>
  authenticator({ own: OWN, config: readConfig(settings).authentication, log: pino({ level: 'silent' }) })

const credentialsIn = (identity: Identity | Promise<Identity>): Credentials => {
  if (identity instanceof Promise || identity instanceof Error) throw new Error('These are no credentials, or not yet.')
  return identity
}

describe('who shows a key', () => {
  const check = authenticate({ API_KEY_HASHES })
  const shown = (key: string) => credentialsIn(check(`Bearer ${key}`))

  it('is answered for at once, as is who brings credentials', () => {
    expect([...(shown('ab').accounts ?? [])]).toEqual([A, B])
    expect([...(shown('ba').accounts ?? [])]).toEqual([B, A])
    expect(shown('all').accounts).toBeNull()
    expect(credentialsIn(check(basic('part'))).accounts).toBeNull()
  })

  it('shares what is read with those who may see the same, and with no others', () => {
    expect(shown('ab').credential).toBe(shown('ba').credential)
    expect(shown('all').credential).toBe(shown('also-all').credential)
    const ownBasic = `Basic ${Buffer.from(`${OWN.accountSid}:${OWN.authToken}`).toString('base64')}`
    expect(credentialsIn(check(ownBasic)).credential).toBe(shown('all').credential)
    expect(new Set(['all', 'ab', 'a'].map(key => shown(key).credential)).size).toBe(3)
  })

  it('is a client of its own, and none of its names tells the key or the credentials', () => {
    const keys = ['all', 'also-all', 'ab', 'ba', 'a']
    expect(new Set(keys.map(key => shown(key).client)).size).toBe(keys.length)
    for (const key of keys) {
      const { credential, client } = shown(key)
      expect(`${credential} ${client}`).toMatch(/^[\w-]{43} [\w-]{43}$/)
      for (const encoding of ['hex', 'base64url', 'base64'] as const) {
        expect(client).not.toBe(Buffer.from(hashOf(key), 'hex').toString(encoding))
      }
    }
  })
})

describe('who shows a token', () => {
  const start = async (algorithm?: string) => {
    const provider = await startIdentityProvider(algorithm)
    onTestFinished(() => provider.close())
    return { provider, check: authenticate({ ...provider.settings }) }
  }

  it('waits until it is checked, and the next time is answered for at once', async () => {
    const { provider, check } = await start()
    const header = `Bearer ${await provider.token({ accounts: [A] })}`
    const first = check(header)
    expect(first).toBeInstanceOf(Promise)
    expect(check(header)).toBeInstanceOf(Promise)
    expect(credentialsIn(await first)).toBe(credentialsIn(check(header)))
  })

  it('is not answered for once it has expired, though it was right before', async () => {
    const { provider, check } = await start()
    const exp = Math.floor(Date.now() / 1_000) - 3
    const header = `Bearer ${await provider.token({ accounts: [A], exp })}`
    expect(credentialsIn(await check(header)).expiresAt).toBe((exp + 5) * 1_000)
    await expect.poll(async () => (await check(header)) instanceof Error, { timeout: 10_000, interval: 200 }).toBe(true)
  })

  it('is the client that it names, whichever of its tokens it shows', async () => {
    const { provider, check } = await start('RS256')
    const clientOf = async (claims: Record<string, unknown>) =>
      credentialsIn(await check(`Bearer ${await provider.token({ jti: String(Math.random()), ...claims })}`)).client
    const one = await clientOf({ accounts: [A], sub: 'one' })
    expect(await clientOf({ accounts: [A, B], sub: 'one' })).toBe(one)
    expect(await clientOf({ accounts: [A], sub: 'two' })).not.toBe(one)
    const unnamed = await clientOf({ accounts: [A], sub: undefined })
    expect(await clientOf({ accounts: [A], sub: undefined })).toBe(unnamed)
    expect(await clientOf({ accounts: [B], sub: undefined })).not.toBe(unnamed)
  })
})
