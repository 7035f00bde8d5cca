import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'

type KeySource = NonNullable<Config['authentication']['tokens']>['keys']

/** How long reading the keys may take. Milliseconds. */
const TIMEOUT_MS = 3_000
/** Between two readings, where a token names a key that is not known, or where reading failed. Milliseconds. */
const COOL_DOWN_MS = 5_000
/** How long a key counts after it was last seen. Milliseconds. */
const LIFETIME_MS = 600_000

/** The keys cannot be read at this moment, and so nothing can be said of a token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** The keys that tokens are checked with: those that are given, or those that an address has at the time. */
export const keysFrom = (source: KeySource, log: Logger): JWTVerifyGetKey =>
  typeof source === 'string' ? remoteKeys(source, log) : createLocalJWKSet(source)

/**
 * Read when the first token comes, kept, and read again when a token names a key that is not among them. After a
 * failure nothing is read for a while, so that a server that is down is neither waited for nor pressed.
 */
const remoteKeys = (url: string, log: Logger): JWTVerifyGetKey => {
  let failedAt = Number.NEGATIVE_INFINITY
  const isCoolingDown = () => performance.now() - failedAt < COOL_DOWN_MS
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOL_DOWN_MS,
    cacheMaxAge: LIFETIME_MS,
    [customFetch]: async (address, options) => {
      if (isCoolingDown()) throw new KeysUnavailable()
      return fetch(address, options)
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (isAboutToken(error)) throw error
      if (!isCoolingDown()) {
        failedAt = performance.now()
        log.warn({ reason: reasonOf(error) }, 'the keys that tokens are checked with cannot be read (JWT_JWKS_URL)')
      }
      throw new KeysUnavailable()
    }
  }
}

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
