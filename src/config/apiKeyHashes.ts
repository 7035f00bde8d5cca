import { z } from 'zod'
import { ACCOUNT_SID } from './accountSid.ts'

/** An API key, by its hash, and what whoever shows it may see. */
interface ApiKey {
  /** What the client is called in the log; null for one without a name. */
  readonly name: string | null
  /** SHA-256, in hexadecimal and lower case. */
  readonly hash: string
  /** The accounts that may be asked for, the client's own first; null for all that the gateway's credentials reach. */
  readonly accounts: readonly string[] | null
}

const KEY = `(?:[\\w.-]{1,64}\\s*:\\s*)?[0-9A-Fa-f]{64}(?:\\s*=\\s*${ACCOUNT_SID}(?:\\s*\\+\\s*${ACCOUNT_SID})*)?`

const apiKeyOf = (text: string): ApiKey => {
  const [key = '', accounts] = text.split(/\s*=\s*/)
  const [hash = '', name = null] = key.split(/\s*:\s*/).reverse()
  return { name, hash: hash.toLowerCase(), accounts: accounts?.split(/\s*\+\s*/) ?? null }
}

export const apiKeys = () =>
  z
    .string()
    .regex(new RegExp(`^${KEY}(?:\\s*,\\s*${KEY})*$`))
    .transform(text => text.split(/\s*,\s*/).map(apiKeyOf))
    .optional()
    .describe(
      'SHA-256 hashes of API keys, in hexadecimal, with commas between them, each alone or with a name ' +
        'and the accounts that it may see (name:hash=AC…+AC…)',
    )
