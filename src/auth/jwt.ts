import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { isAccountSid } from '../model.ts'
import { isUnexpectedError, mapTokenError, unauthenticatedError } from './mapTokenError.ts'
import { type Identity, scopeToClient, sha256, type UpstreamCredentials } from './upstreamCredentials.ts'

type TokenSettings = Omit<NonNullable<Config['authentication']['tokens']>, 'keys'>

/** Contains only asymmetric algorithms. With a shared secret, every verifier could issue tokens. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const CLOCK_TOLERANCE_SECONDS = 5
const MAX_CACHED_TOKENS = 10_000
const MAX_CACHE_TTL_MS = 60_000

export function looksLikeJwt(value: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)
}

/** Caches the credentials of a verified token until the token expires, but at most for `MAX_CACHE_TTL_MS`. */
export function createTokenVerifier(
  settings: TokenSettings,
  keys: JWTVerifyGetKey,
  service: UpstreamCredentials,
  log: Logger,
) {
  const { issuer, audience, accountsClaim } = settings
  const cache = new LRUCache<string, UpstreamCredentials>({ max: MAX_CACHED_TOKENS })

  const verify = async (token: string, tokenHash: string): Promise<Identity> => {
    let claims: JWTPayload
    try {
      const options = {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp'],
      }
      claims = (await jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (isUnexpectedError(error)) log.error({ reason: String(error) }, 'token verification failed')
      return mapTokenError(error)
    }
    const accounts = parseAccounts(claims[accountsClaim])
    if (accounts === null) {
      return unauthenticatedError(
        `The \`${accountsClaim}\` claim of the token is missing or invalid: expected an account SID, or an array of ` +
          'account SIDs.',
      )
    }
    const expiresAt = ((claims.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000
    // Without a subject, clients with equal accounts have equal identities.
    const identity = `token ${JSON.stringify([issuer, claims.sub ?? accounts])}`
    const credentials = scopeToClient(service, { identity, name: null, accounts, expiresAt })
    const ttlMs = Math.floor(Math.min(MAX_CACHE_TTL_MS, expiresAt - Date.now()))
    if (ttlMs > 0) cache.set(tokenHash, credentials, { ttl: ttlMs })
    return credentials
  }

  return (token: string): Identity | Promise<Identity> => {
    const tokenHash = sha256(token)
    return cache.get(tokenHash) ?? verify(token, tokenHash)
  }
}

/** Accepts a list of SIDs or a single SID. Returns null for an invalid claim. */
function parseAccounts(claim: unknown): readonly string[] | null {
  const accounts: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  const sids = accounts.filter(sid => typeof sid === 'string' && isAccountSid(sid))
  return sids.length > 0 && sids.length === accounts.length ? (sids as readonly string[]) : null
}
