import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { demoCredentials } from '../../../src/sandbox/index.ts'
import { accountOf, basic, basicOf } from '../../support/gateway.ts'
import { SECRETS_FILE } from '../../support/secretScan.ts'
import search from '../../support/secretScanSetup.ts'
import { credentialForms, headerForms, knownSecrets, secretsIn } from '../../support/secrets.ts'

const { sid, password } = accountOf('conf137')

/** The error message of the scan after a run with these output files; null without an error. */
const scanResultOf = (files: Readonly<Record<string, string>>) => {
  let folder = ''
  const end = search({
    provide: (_name, value) => {
      folder = value
    },
  })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  try {
    end()
    return null
  } catch (error) {
    return (error as Error).message
  } finally {
    expect(existsSync(folder)).toBe(false)
  }
}

describe('the scan for secrets', () => {
  it.each([
    ['a password', password],
    ['a password in a URL', `/?token=${password}&`],
    ['a Basic header', `"authorization":"${basic('conf137')}"`],
    ['a Basic header in a URL', encodeURIComponent(basic('conf137'))],
    ['a Basic header by e-mail', basicOf('conf137@example.com', password)],
    ['credentials in an address', `http://${sid}:${password}@host/`],
    ['the token of the demo', demoCredentials.authToken],
  ])('the scan for secrets finds %s and does not print the value', (_what, text) => {
    const message = scanResultOf({ 'log.1.txt': `{"msg":"x"}\n${text}\n`, 'metrics.1.txt': 'up 1\n' })
    expect(message).toMatch(
      /^Credentials in the output of a gateway:\n {2}log: the (password of conf137|token of the demo)/,
    )
    for (const { text: secret } of knownSecrets()) expect(message).not.toContain(secret)
  })

  it('the scan for secrets finds secrets registered by a test', () => {
    const register = `${JSON.stringify([{ kind: 'an API key', text: 'key-of-a-test' }])}\n`
    expect(scanResultOf({ [SECRETS_FILE]: register, 'answers.2.txt': 'no' })).toBeNull()
    const message = scanResultOf({ [SECRETS_FILE]: register, 'answers.2.txt': 'key-of-a-test' })
    expect(message).toBe('Credentials in the output of a gateway:\n  answers: an API key')
  })

  it('the scan for secrets ignores SIDs', () => {
    expect(scanResultOf({ 'log.1.txt': `{"account":"${sid}"}` })).toBeNull()
  })

  it('headerForms lists the secrets of an Authorization header', () => {
    const bearer = headerForms('it', 'Bearer a-long-enough-key')
    expect(secretsIn('x a-long-enough-key x', bearer)).toEqual(['it'])
    expect(
      secretsIn(Buffer.from('me@x.org:short').toString('base64'), headerForms('it', basicOf('me@x.org', 'short'))),
    ).not.toEqual([])
    expect(secretsIn('short', credentialForms('it', 'me@x.org', 'short'))).toEqual([])
  })
})
