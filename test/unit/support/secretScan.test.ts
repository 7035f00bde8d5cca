import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { demoCredentials } from '../../../src/sandbox/index.ts'
import { accountOf, basic, basicOf } from '../../support/gateway.ts'
import search from '../../support/secretScanSetup.ts'
import { credentialForms, headerForms, knownSecrets, secretsIn } from '../../support/secrets.ts'
import { REGISTER } from '../../support/secretScan.ts'

const { sid, password } = accountOf('conf137')

/** What the end of a run says when this was written during it. */
const endOfRunWith = (files: Readonly<Record<string, string>>) => {
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

describe('the search through what was written', () => {
  it.each([
    ['a password', password],
    ['a password in a URL', `/?token=${password}&`],
    ['a Basic header', `"authorization":"${basic('conf137')}"`],
    ['a Basic header in a URL', encodeURIComponent(basic('conf137'))],
    ['a Basic header by e-mail', basicOf('conf137@example.com', password)],
    ['credentials in an address', `http://${sid}:${password}@host/`],
    ['the token of the demo', demoCredentials.authToken],
  ])('finds %s, and does not repeat it', (_what, text) => {
    const message = endOfRunWith({ 'log.1.txt': `{"msg":"x"}\n${text}\n`, 'metrics.1.txt': 'up 1\n' })
    expect(message).toMatch(/^Credentials were written:\n {2}log: the (password of conf137|token of the demo)/)
    for (const { text: secret } of knownSecrets()) expect(message).not.toContain(secret)
  })

  it('finds what a test has registered', () => {
    const register = `${JSON.stringify([{ kind: 'an API key', text: 'key-of-a-test' }])}\n`
    expect(endOfRunWith({ [REGISTER]: register, 'answers.2.txt': 'no' })).toBeNull()
    const message = endOfRunWith({ [REGISTER]: register, 'answers.2.txt': 'key-of-a-test' })
    expect(message).toBe('Credentials were written:\n  answers: an API key')
  })

  it('finds nothing where SIDs alone were written', () => {
    expect(endOfRunWith({ 'log.1.txt': `{"account":"${sid}"}` })).toBeNull()
  })

  it('knows what a header gives away', () => {
    const bearer = headerForms('it', 'Bearer a-long-enough-key')
    expect(secretsIn('x a-long-enough-key x', bearer)).toEqual(['it'])
    expect(
      secretsIn(Buffer.from('me@x.org:short').toString('base64'), headerForms('it', basicOf('me@x.org', 'short'))),
    ).not.toEqual([])
    expect(secretsIn('short', credentialForms('it', 'me@x.org', 'short'))).toEqual([])
  })
})
