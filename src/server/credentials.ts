import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'

/** Whose account a request is for, and what proves it upstream. */
export interface Credentials {
  /** A SID or an e-mail address. */
  readonly account: string
  /** The value of the `Authorization` header that goes upstream. */
  readonly authorization: string
  /** Names them and what they may see, and is not them. */
  readonly credential: string
  /** The accounts that may be asked for; null where that is Restcomm's decision alone. */
  readonly accounts: ReadonlySet<string> | null
}

export type Authenticate = (header: string | null) => Credentials | null

/**
 * The credentials of a request, by its `Authorization` header; null where it has none that count.
 *
 * `Basic` is the caller's own and goes upstream. Without it, the gateway's own stand in: in sandbox mode for anybody,
 * in service mode for whoever shows an API key as `Bearer`, or for anybody where no keys are configured (and nobody but
 * this machine can ask).
 */
export const authenticator = (
  own: { accountSid: string; authToken: string } | null,
  apiKeyHashes: Config['apiKeyHashes'],
) => {
  const standIn = own && basic(own.accountSid, own.authToken)
  const hashes = apiKeyHashes.map(hash => Buffer.from(hash, 'hex'))
  return ((header: string | null): Credentials | null => {
    const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header ?? '') ?? []
    if (scheme.toLowerCase() === 'basic') return fromBasic(value)
    if (hashes.length === 0) return header === null ? standIn : null
    return scheme.toLowerCase() === 'bearer' && isKey(value, hashes) ? standIn : null
  }) satisfies Authenticate
}

const basic = (account: string, password: string): Credentials => {
  const authorization = `Basic ${Buffer.from(`${account}:${password}`, 'utf8').toString('base64')}`
  const credential = createHash('sha256').update(authorization).digest('base64url')
  return { account, authorization, credential, accounts: null }
}

/** Written anew, since Restcomm refuses `basic` in lower case. A user is a SID or an e-mail address. */
const fromBasic = (value: string): Credentials | null => {
  const [, account = '', password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  const isAccount = /^AC[A-Za-z0-9]{32}$/.test(account) || /^[^\s/@]+@[^\s/@]+$/.test(account)
  return isAccount && password !== undefined ? basic(account, password) : null
}

/** Compares with every hash, and each in constant time, so that the time taken tells nothing about the keys. */
const isKey = (value: string, hashes: readonly Buffer[]): boolean => {
  const hash = createHash('sha256').update(value).digest()
  return hashes.reduce((found, known) => timingSafeEqual(hash, known) || found, false)
}
