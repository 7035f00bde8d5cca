import { readFileSync } from 'node:fs'
import { demoCredentials } from '../../src/sandbox/index.ts'

/** Something that must not be written anywhere, in one of the forms in which it could be. */
export interface Secret {
  /** What it is, for whoever looks for the leak. It does not tell the value. */
  readonly kind: string
  readonly text: string
}

/** Shorter ones, such as `token`, stand in texts that have nothing to do with them. Characters. */
const SHORTEST = 8

/** A value as it is, and as it stands in a URL. */
export const formsOf = (kind: string, value: string): readonly Secret[] => {
  const texts = [value, encodeURIComponent(value)].filter(text => text.length >= SHORTEST)
  return [...new Set(texts)].map(text => ({ kind, text }))
}

/** A user's password, by itself and as `Basic` has it, padded or not. */
export const credentialForms = (kind: string, user: string, password: string): readonly Secret[] => {
  const pair = Buffer.from(`${user}:${password}`)
  const bare = pair.toString('base64').replace(/=+$/, '')
  const encoded = new Set([bare, encodeURIComponent(bare), pair.toString('base64url')])
  return [
    ...formsOf(kind, password),
    ...[...encoded].map(text => ({ kind: `${kind}, as Basic has it`, text })),
    ...[`${user}:${password}`, encodeURIComponent(`${user}:${password}`)].map(text => ({
      kind: `${kind}, as a pair`,
      text,
    })),
  ]
}

/** What a value of an `Authorization` header gives away. */
export const headerForms = (kind: string, header: string): readonly Secret[] => {
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? []
  if (scheme.toLowerCase() !== 'basic') return formsOf(kind, value === '' ? header : value)
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  return [...formsOf(kind, value), ...(password === '' ? [] : credentialForms(kind, user, password))]
}

interface Fixture {
  readonly accounts: readonly { readonly sid: string; readonly email_address: string; readonly auth_token: string }[]
  readonly labels: { readonly accounts: Readonly<Record<string, { readonly sid: string; readonly password: string }>> }
}

/** Those of the fixture's accounts and of the demo's, which every test may use. */
export const knownSecrets = (): readonly Secret[] => {
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

/** The kinds of secrets that a text holds. */
export const secretsIn = (text: string, secrets: readonly Secret[]): readonly string[] => [
  ...new Set(secrets.filter(secret => text.includes(secret.text)).map(({ kind }) => kind)),
]
