import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { credentialForms, formsOf, headerForms, type Secret } from './secrets.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests put what the gateway wrote, for `searchWritten.ts` to look through. */
    readonly writtenFolder: string
  }
}

/** What the secrets of a test run are registered in, a JSON array a line. */
export const REGISTER = 'secrets.jsonl'

const put = (file: string, text: string): void => {
  appendFileSync(join(inject('writtenFolder'), file), text)
}

/** Keeps what the gateway wrote, of one kind (`log`, `metrics`, `answers`, `traces`…), to be searched after the run. */
export const keepWritten = (kind: string, text: string): void => {
  if (text !== '') put(`${kind}.${process.pid}.txt`, `${text}\n`)
}

const registered = new Set<string>()
const register = (secrets: readonly Secret[]): void => {
  const fresh = secrets.filter(({ text }) => !registered.has(text))
  if (fresh.length === 0) return
  for (const { text } of fresh) registered.add(text)
  put(REGISTER, `${JSON.stringify(fresh)}\n`)
}

/** Says that this is a secret, such as an API key or a JWT: nothing that the gateway writes may hold it. */
export const secret = (value: string, kind = 'a secret that a test registered'): string => {
  register(formsOf(kind, value))
  return value
}

export const secretHeader = (header: string): void => register(headerForms("a test's Authorization header", header))

/** The secrets among the settings that a test gives a gateway. */
export const secretSettings = (env: Readonly<Record<string, string | undefined>> = {}): void => {
  const { RESTCOMM_ACCOUNT_SID: user, RESTCOMM_AUTH_TOKEN: token } = env
  if (token !== undefined) register(credentialForms('RESTCOMM_AUTH_TOKEN', user ?? '', token))
  for (const [name, value = ''] of Object.entries(env)) {
    // Keys have the accounts that they see beside them, and names; those are no secrets.
    for (const hash of name === 'API_KEY_HASHES' ? (value.match(/[0-9a-f]{64}/gi) ?? []) : [])
      register(formsOf(name, hash))
    if (/SECRET|PASSWORD/.test(name) && value !== '') register(formsOf(name, value))
  }
}
