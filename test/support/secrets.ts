import { readFileSync } from 'node:fs'
import { demoCredentials } from '../../src/sandbox/index.ts'

export interface Secret {
  /** A description for the failure report, without the value. */
  readonly kind: string
  readonly text: string
}

/** The scan ignores shorter secrets, because words like `token` also occur in unrelated text. */
const MIN_SECRET_CHARS = 8

/** Returns a value in plain and in URL-encoded form. */
export function encodedForms(kind: string, value: string): readonly Secret[] {
  const texts = [value, encodeURIComponent(value)].filter(text => text.length >= MIN_SECRET_CHARS)
  return [...new Set(texts)].map(text => ({ kind, text }))
}

/** Returns a password alone, as `user:password`, and in Base64. Base64 without padding also matches padded text. */
export function credentialForms(kind: string, user: string, password: string): readonly Secret[] {
  const pair = Buffer.from(`${user}:${password}`)
  const bare = pair.toString('base64').replace(/=+$/, '')
  const encoded = new Set([bare, encodeURIComponent(bare), pair.toString('base64url')])
  return [
    ...encodedForms(kind, password),
    ...[...encoded].map(text => ({ kind: `${kind} in Basic form`, text })),
    ...[`${user}:${password}`, encodeURIComponent(`${user}:${password}`)].map(text => ({
      kind: `${kind} as a user:password pair`,
      text,
    })),
  ]
}

export function headerForms(kind: string, header: string): readonly Secret[] {
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? []
  if (scheme.toLowerCase() !== 'basic') return encodedForms(kind, value === '' ? header : value)
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  return [...encodedForms(kind, value), ...(password === '' ? [] : credentialForms(kind, user, password))]
}

interface Fixture {
  readonly accounts: readonly { readonly sid: string; readonly email_address: string; readonly auth_token: string }[]
  readonly labels: { readonly accounts: Readonly<Record<string, { readonly sid: string; readonly password: string }>> }
}

export function knownSecrets(): readonly Secret[] {
  const file = new URL('../fixtures/rows.json', import.meta.url)
  const { accounts, labels } = JSON.parse(readFileSync(file, 'utf8')) as Fixture
  const { accountSid, authToken } = demoCredentials
  return [
    ...credentialForms('the token of the demo account', accountSid, authToken),
    ...accounts.flatMap(({ sid, email_address: email, auth_token: token }) => {
      const [label = sid, own] = Object.entries(labels.accounts).find(([, known]) => known.sid === sid) ?? []
      const passwords = new Set([token, own?.password ?? token])
      return [...passwords].flatMap(password => [
        ...credentialForms(`the password of ${label}`, sid, password),
        ...credentialForms(`the password of ${label}`, email, password),
      ])
    }),
  ]
}

export function secretsIn(text: string, secrets: readonly Secret[]): readonly string[] {
  return [...new Set(secrets.filter(secret => text.includes(secret.text)).map(({ kind }) => kind))]
}
