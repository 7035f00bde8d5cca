import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { type Credentials, hashOf, type Identity, isAccountSid, onBehalfOf } from './credentials.ts'
import { isUnexpected, tokenRefusal, unauthenticated } from './authErrors.ts'

type TokenSettings = Omit<NonNullable<Config['authentication']['tokens']>, 'keys'>

/** Those that are checked with a public key: with a shared secret, whoever checks a token could make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** How far clocks may differ. Seconds. */
const TOLERANCE = 5
/** How many tokens that were found right are remembered, and for how long at most. Milliseconds. */
const REMEMBERED = 10_000
const LIFETIME_MS = 60_000

/** Whether it has the form of a signed token. */
export const isToken = (value: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)

/**
 * What whoever shows a token may use, or why not. One that was right a moment ago, and has not expired, is answered for
 * at once; it is known again by its hash.
 */
export const tokens = (settings: TokenSettings, keys: JWTVerifyGetKey, own: Credentials, log: Logger) => {
  const { issuer, audience, accountsClaim } = settings
  const known = new LRUCache<string, Credentials>({ max: REMEMBERED })

  const verified = async (token: string, name: string): Promise<Identity> => {
    let claims: JWTPayload
    try {
      const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: TOLERANCE, requiredClaims: ['exp'] }
      claims = (await jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (isUnexpected(error)) log.error({ reason: String(error) }, 'a token could not be checked')
      return tokenRefusal(error)
    }
    const accounts = accountsIn(claims[accountsClaim])
    if (accounts === null) {
      return unauthenticated(`The token does not say which accounts it may see: \`${accountsClaim}\` lists their SIDs.`)
    }
    const expiresAt = ((claims.exp ?? 0) + TOLERANCE) * 1_000
    // Without a subject there is nothing to tell clients apart by, other than what they may see.
    const identity = `token ${JSON.stringify([issuer, claims.sub ?? accounts])}`
    const credentials = onBehalfOf(own, { identity, name: null, accounts, expiresAt })
    const lifetime = Math.floor(Math.min(LIFETIME_MS, expiresAt - Date.now()))
    if (lifetime > 0) known.set(name, credentials, { ttl: lifetime })
    return credentials
  }

  return (token: string): Identity | Promise<Identity> => {
    const name = hashOf(token)
    return known.get(name) ?? verified(token, name)
  }
}

/** A list of SIDs, or one alone; null for anything else. */
const accountsIn = (claim: unknown): readonly string[] | null => {
  const accounts: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  const sids = accounts.filter(sid => typeof sid === 'string' && isAccountSid(sid))
  return sids.length > 0 && sids.length === accounts.length ? (sids as readonly string[]) : null
}
