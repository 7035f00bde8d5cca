import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { credentialForms, encodedForms, headerForms, type Secret } from './secrets.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the recorded output of gateways, scanned by secretScanSetup.ts after the run. */
    readonly outputFolder: string
  }
}

/** The file with the secrets of a test run, one JSON array per line. */
export const SECRETS_FILE = 'secrets.jsonl'

const appendOutput = (file: string, text: string): void => {
  appendFileSync(join(inject('outputFolder'), file), text)
}

/** Records output of a gateway, by kind (`log`, `metrics`, `answers`, `traces` …), for the scan after the run. */
export function recordOutput(kind: string, text: string): void {
  if (text !== '') appendOutput(`${kind}.${process.pid}.txt`, `${text}\n`)
}

const registered = new Set<string>()
const registerAll = (secrets: readonly Secret[]): void => {
  const fresh = secrets.filter(({ text }) => !registered.has(text))
  if (fresh.length === 0) return
  for (const { text } of fresh) registered.add(text)
  appendOutput(SECRETS_FILE, `${JSON.stringify(fresh)}\n`)
}

/** Registers a secret, such as an API key or a JWT: the run fails if any output of a gateway contains the secret. */
export function registerSecret(value: string, kind = 'a secret that a test registered'): string {
  registerAll(encodedForms(kind, value))
  return value
}

export function registerHeader(header: string): void {
  registerAll(headerForms("a test's Authorization header", header))
}

export function registerSettings(env: Readonly<Record<string, string | undefined>> = {}): void {
  const { RESTCOMM_ACCOUNT_SID: user, RESTCOMM_AUTH_TOKEN: token } = env
  if (token !== undefined) registerAll(credentialForms('RESTCOMM_AUTH_TOKEN', user ?? '', token))
  for (const [name, value = ''] of Object.entries(env)) {
    // Only the hashes are secret, not the names and accounts of the keys.
    for (const hash of name === 'API_KEY_HASHES' ? (value.match(/[0-9a-f]{64}/gi) ?? []) : [])
      registerAll(encodedForms(name, hash))
    if (/SECRET|PASSWORD/.test(name) && value !== '') registerAll(encodedForms(name, value))
  }
}
