import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'

type KeySource = NonNullable<Config['authentication']['tokens']>['keys']

const FETCH_TIMEOUT_MS = 3_000
/** Minimum time between two fetches of the JWKS. */
const COOLDOWN_MS = 5_000
/** Maximum age of fetched keys. A revoked key can be valid until the next fetch. */
const MAX_AGE_MS = 600_000

export class JwksUnavailableError extends Error {
  override readonly name = 'JwksUnavailableError'
}

/** `source` is a JSON Web Key Set (JWKS), or the URL of a JWKS. */
export function createKeyResolver(source: KeySource, log: Logger): JWTVerifyGetKey {
  return typeof source === 'string' ? createRemoteKeyResolver(source, log) : createLocalJWKSet(source)
}

/**
 * Fetches the JWKS for the first token, for a token with an unknown key, and after `MAX_AGE_MS`. If a fetch fails,
 * sends no new fetch for `COOLDOWN_MS`, so that clients do not wait.
 */
function createRemoteKeyResolver(url: string, log: Logger): JWTVerifyGetKey {
  let failedAt = Number.NEGATIVE_INFINITY
  const isCoolingDown = () => performance.now() - failedAt < COOLDOWN_MS
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch]: async (address, options) => {
      if (isCoolingDown()) throw new JwksUnavailableError()
      return fetch(address, options)
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (isTokenError(error)) throw error
      if (!isCoolingDown()) {
        failedAt = performance.now()
        log.warn({ setting: 'JWT_JWKS_URL', reason: reasonOf(error) }, 'JWKS fetch failed')
      }
      throw new JwksUnavailableError()
    }
  }
}

function isTokenError(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
