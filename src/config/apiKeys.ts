import { z } from 'zod'

/** An API key, by its hash, and what whoever shows it may see. */
export interface ApiKey {
  /** SHA-256, in hexadecimal and lower case. */
  readonly hash: string
  /** The accounts that may be asked for, the client's own first; null for all that the gateway's credentials reach. */
  readonly accounts: readonly string[] | null
}

const ACCOUNT = 'AC[A-Za-z0-9]{32}'
const KEY = `[0-9A-Fa-f]{64}(?:\\s*=\\s*${ACCOUNT}(?:\\s*\\+\\s*${ACCOUNT})*)?`

const apiKeyOf = (text: string): ApiKey => {
  const [hash = '', accounts] = text.split(/\s*=\s*/)
  return { hash: hash.toLowerCase(), accounts: accounts?.split(/\s*\+\s*/) ?? null }
}

export const apiKeys = () =>
  z
    .string()
    .regex(new RegExp(`^${KEY}(?:\\s*,\\s*${KEY})*$`))
    .transform(text => text.split(/\s*,\s*/).map(apiKeyOf))
    .optional()
    .describe(
      'SHA-256 hashes of API keys, in hexadecimal, with commas between them, each alone or with the accounts that it ' +
        'may see (hash=AC…+AC…)',
    )
