import { z } from 'zod'
import { SID_PATTERNS } from '../model.ts'

interface ApiKey {
  /** Client name for the log; null if unnamed. */
  readonly name: string | null
  /** SHA-256 hash of the key, in lower-case hexadecimal. */
  readonly hash: string
  /** Accounts the client may read, the default account first. Null permits all accounts of the credentials. */
  readonly accounts: readonly string[] | null
}

/** Omits the anchors `^` and `$` of the source, because the pattern becomes part of a longer pattern. */
const ACCOUNT_SID_PATTERN = SID_PATTERNS.account.source.slice(1, -1)
const ACCOUNTS_PATTERN = `${ACCOUNT_SID_PATTERN}(?:\\s*\\+\\s*${ACCOUNT_SID_PATTERN})*`
const ENTRY_PATTERN = `(?:[\\w.-]{1,64}\\s*:\\s*)?[0-9A-Fa-f]{64}(?:\\s*=\\s*${ACCOUNTS_PATTERN})?`

export function apiKeyHashes() {
  return z
    .string()
    .regex(new RegExp(`^${ENTRY_PATTERN}(?:\\s*,\\s*${ENTRY_PATTERN})*$`))
    .transform(text => text.split(/\s*,\s*/).map(parseApiKey))
    .optional()
    .describe(
      'SHA-256 hashes in hexadecimal, separated by commas, each with an optional client name and accounts ' +
        '(name:hash=AC…+AC…)',
    )
}

function parseApiKey(text: string): ApiKey {
  const [key = '', accounts] = text.split(/\s*=\s*/)
  const [hash = '', name = null] = key.split(/\s*:\s*/).reverse()
  return { name, hash: hash.toLowerCase(), accounts: accounts?.split(/\s*\+\s*/) ?? null }
}
