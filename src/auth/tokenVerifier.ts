import { GraphQLError } from 'graphql'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { ACTIONS, type Action, isAccountSid } from '../model.ts'
import { OutageLog } from '../observability/outageLog.ts'
import type { RepeatedEvents } from '../observability/repeatedEvents.ts'
import { type Identity, scopeToClient, sha256, type UpstreamCredentials } from './upstreamCredentials.ts'

/** Contains only asymmetric algorithms. With a shared secret, every verifier could issue tokens. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const SCOPE_PREFIX = 'restcomm:'
const ANY_CASE_PREFIX = new RegExp(`^${SCOPE_PREFIX}`, 'i')
const CLOCK_TOLERANCE_SECONDS = 5
const MAX_CACHED_TOKENS = 10_000
const MAX_CACHE_TTL_MS = 60_000
const JWKS_TIMEOUT_MS = 3_000
/** Minimum time between two fetches of the JSON Web Key Set (JWKS). */
const JWKS_COOLDOWN_MS = 5_000
/** Maximum age of fetched keys. A revoked key can be valid until the next fetch. */
const JWKS_MAX_AGE_MS = 600_000

export interface AuthLogs {
  readonly log: Logger
  readonly events: RepeatedEvents
}

/** Errors of the key search which the client causes. The remaining errors of jose are failures of the identity provider. */
const TOKEN_ERRORS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

/** Caches the credentials of a verified token until the token expires, but at most for `MAX_CACHE_TTL_MS`. */
export function createTokenVerifier(
  {
    issuer,
    audience,
    accountsClaim,
    maxLifetimeSeconds,
    requiresScope,
    keys,
  }: NonNullable<Config['authentication']['tokens']>,
  service: UpstreamCredentials,
  { log, events }: AuthLogs,
) {
  const cache = new LRUCache<string, UpstreamCredentials>({ max: MAX_CACHED_TOKENS })
  const resolveKey = typeof keys === 'string' ? createRemoteKeyResolver(keys, log) : createLocalJWKSet(keys)
  const verifyOptions = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  }

  const verify = async (token: string, tokenHash: string): Promise<UpstreamCredentials> => {
    const { payload: claims, protectedHeader } = await jwtVerify(token, resolveKey, verifyOptions)
    assertAccessToken(protectedHeader.typ)
    assertLifetime(claims, maxLifetimeSeconds)
    const accounts = parseAccounts(claims[accountsClaim])
    if (accounts === null) {
      throw unauthenticatedError(
        `The \`${accountsClaim}\` claim of the token is missing or invalid: expected an account SID, or an array of ` +
          'account SIDs.',
      )
    }
    const scopedActions = permittedActions(claims)
    if (scopedActions === null && requiresScope) {
      throw unauthenticatedError(
        'The token has no scope for this gateway: expected `restcomm:read`, `restcomm:mute` or `restcomm:hangup` in ' +
          '`scope` or `scp` (JWT_REQUIRE_SCOPE).',
      )
    }
    const actions = scopedActions ?? ACTIONS
    const expiresAt = ((claims.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000
    // Without a subject, clients with equal accounts have equal identities.
    const identity = `token ${JSON.stringify([issuer, claims.sub ?? accounts])}`
    const credentials = scopeToClient(service, { identity, name: null, accounts, actions, expiresAt })
    const ttlMs = Math.floor(Math.min(MAX_CACHE_TTL_MS, expiresAt - Date.now()))
    if (ttlMs > 0) cache.set(tokenHash, credentials, { ttl: ttlMs })
    return credentials
  }

  return (token: string): Identity | Promise<Identity> => {
    const tokenHash = sha256(token)
    return cache.get(tokenHash) ?? verify(token, tokenHash).catch(error => toIdentityError(error, events))
  }
}

/** Rejects tokens for other purposes with the same issuer and audience, such as `logout+jwt`. Source: RFC 8725, 3.11. */
function assertAccessToken(typ: string | undefined): void {
  if (typ === undefined || /^(?:application\/)?(?:at\+)?jwt$/i.test(typ)) return
  throw unauthenticatedError('The type of the token (`typ`) is not supported: expected `at+jwt`, `JWT`, or no `typ`.')
}

/** Without `iat`, the lifetime starts now. A long lifetime would let a stolen token work for a long time. */
function assertLifetime({ exp = 0, iat }: JWTPayload, maxSeconds: number): void {
  const seconds = Math.ceil(exp - (iat ?? Date.now() / 1_000))
  if (seconds <= maxSeconds) return
  throw unauthenticatedError(
    `The token is valid for ${seconds} s: expected at most ${maxSeconds} s (JWT_MAX_LIFETIME_SECONDS).`,
  )
}

/** Accepts a list of SIDs or a single SID. Returns null for an invalid claim. */
function parseAccounts(claim: unknown): readonly string[] | null {
  const accounts: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  const sids = accounts.filter(sid => typeof sid === 'string' && isAccountSid(sid))
  return sids.length > 0 && sids.length === accounts.length ? (sids as readonly string[]) : null
}

/**
 * Returns the actions which the scopes of a token permit; null if no scope begins with `restcomm:`. An unknown scope with
 * the prefix, also in capital letters, permits no action. Identity providers write scopes into `scope` (RFC 9068) or `scp`,
 * as a text with spaces or as an array. Commas and nested arrays are read as well, so that an unusual form of
 * `restcomm:read` cannot permit every action.
 */
export function permittedActions({ scope, scp }: JWTPayload): readonly Action[] | null {
  const values: readonly unknown[] = [scope, scp].flat(Number.POSITIVE_INFINITY)
  const scopes = values.flatMap(value => (typeof value === 'string' ? value.split(/[\s,]+/) : []))
  if (!scopes.some(name => ANY_CASE_PREFIX.test(name))) return null
  return ACTIONS.filter(action => scopes.includes(SCOPE_PREFIX + action))
}

/**
 * Fetches the JWKS for the first token, for a token with an unknown key, and after `JWKS_MAX_AGE_MS`. If a fetch fails,
 * sends no new fetch for `JWKS_COOLDOWN_MS`, so that clients do not wait.
 */
function createRemoteKeyResolver(url: string, log: Logger): JWTVerifyGetKey {
  const outage = new OutageLog(log, { started: 'JWKS fetch failed', ended: 'JWKS fetch recovered' })
  let failedAt = Number.NEGATIVE_INFINITY
  /** Whether the last fetch was answered. Cached keys say nothing about the outage. */
  let wasAnswered = false
  const isCoolingDown = () => performance.now() - failedAt < JWKS_COOLDOWN_MS
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    [customFetch]: async (address, options) => {
      if (isCoolingDown()) throw verificationUnavailable()
      const response = await fetch(address, options).catch(error => {
        throw new errors.JOSEError(reasonOf(error))
      })
      wasAnswered = true
      return response
    },
  })
  return async (header, token) => {
    try {
      const key = await keys(header, token)
      if (wasAnswered) outage.end()
      return key
    } catch (error) {
      if (TOKEN_ERRORS.some(type => error instanceof type)) throw error
      // The JWKS has an invalid key. Tokens which name the key must not stop the next fetch.
      if (!(error instanceof errors.JOSEError || error instanceof GraphQLError)) throw error
      wasAnswered = false
      if (!isCoolingDown()) {
        failedAt = performance.now()
        outage.start({ setting: 'JWT_JWKS_URL', reason: reasonOf(error) })
      }
      throw verificationUnavailable()
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : error.message
}

export function unauthenticatedError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

function verificationUnavailable(): GraphQLError {
  const message = 'Token verification is temporarily unavailable: retry in a few seconds.'
  return new GraphQLError(message, { extensions: { code: 'AUTHENTICATION_UNAVAILABLE' } })
}

/** The new error has no values of the token. The error of jose has claims, so `originalError` is not set. */
function toIdentityError(error: unknown, events: RepeatedEvents): GraphQLError {
  if (error instanceof GraphQLError) return error
  if (error instanceof errors.JOSEError) return unauthenticatedError(tokenErrorMessage(error))
  events.write('error', '', { reason: String(error) }, 'token verification failed')
  return verificationUnavailable()
}

function tokenErrorMessage(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired: send a new token.'
  if (error instanceof errors.JWTClaimValidationFailed) return claimErrorMessage(error)
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'The header of the token has no `kid`, and several keys match: expected the id of the signing key.'
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'The signing key of the token is unknown: no key of the JWKS matches `kid` and `alg` in the token header.'
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'The signature of the token is invalid: expected a signature by a key of the JWKS.'
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'The signature algorithm of the token (`alg`) is not supported: expected for example RS256, ES256 or EdDSA.'
  return 'The token is not a signed JSON Web Token: expected header, payload and signature, separated by dots.'
}

function claimErrorMessage({ claim, reason }: errors.JWTClaimValidationFailed): string {
  const setting = claim === 'iss' ? 'JWT_ISSUER' : claim === 'aud' ? 'JWT_AUDIENCE' : null
  const expected = setting === null ? 'a time in seconds since the epoch' : `the value of ${setting}`
  if (reason === 'missing') return `The token has no \`${claim}\` claim: expected ${expected}.`
  if (claim === 'nbf' && reason === 'check_failed')
    return 'The token is not valid yet (`nbf`): retry later, or compare the clocks of the issuer and the gateway.'
  return `The \`${claim}\` claim of the token has an unexpected value: expected ${expected}.`
}
