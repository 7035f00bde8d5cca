import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'
import { type AuthLogs, createTokenVerifier, unauthenticatedError } from './tokenVerifier.ts'
import {
  basicCredentials,
  type Identity,
  parseBasicCredentials,
  scopeToClient,
  type UpstreamCredentials,
} from './upstreamCredentials.ts'

/**
 * - `anonymous`: clients use the service credentials without authentication.
 * - `basic`: clients send their Restcomm credentials.
 * - `bearer`: clients send an API key or a token, or their Restcomm credentials.
 */
export type AuthMode = 'anonymous' | 'basic' | 'bearer'

/** The gateway's own Restcomm account; null if every client must send Restcomm credentials. */
export type ServiceCredentials = { readonly accountSid: string; readonly authToken: string } | null

/** Limits the `Authorization` header, because hashing of a long header is expensive. */
const MAX_HEADER_CHARS = 16_384
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

const INVALID_BASIC =
  'The `Basic` credentials are invalid: expected the base64 of `account:token`, with an account SID or e-mail address.'

export function authModeOf(serviceCredentials: ServiceCredentials, config: Config['authentication']): AuthMode {
  if (serviceCredentials === null) return 'basic'
  return config.apiKeys.length === 0 && config.tokens === null ? 'anonymous' : 'bearer'
}

/**
 * `Basic` credentials are sent to Restcomm, which verifies them. `Bearer` credentials are verified by the gateway and
 * replaced by the service credentials, limited to the accounts of the client. Returns a function which verifies an
 * `Authorization` header, and returns a promise only if the signature of a token must be verified.
 */
export function createAuthenticator(
  serviceCredentials: ServiceCredentials,
  config: Config['authentication'],
  logs: AuthLogs,
) {
  const authMode = authModeOf(serviceCredentials, config)
  const service = serviceCredentials && {
    ...basicCredentials(serviceCredentials.accountSid, serviceCredentials.authToken),
    isServiceAccount: true,
  }
  const verifyBearer = service !== null && authMode === 'bearer' ? createBearerVerifier(service, config, logs) : null
  const hint = credentialsHint(authMode, config)
  return (header: string | null): Identity | Promise<Identity> => {
    if (header === null) {
      const message = `The request has no \`Authorization\` header: ${hint}.`
      return (authMode === 'anonymous' && service) || unauthenticatedError(message)
    }
    if (header.length > MAX_HEADER_CHARS) {
      const message = `The \`Authorization\` header has ${header.length} characters: expected at most ${MAX_HEADER_CHARS}.`
      return unauthenticatedError(message)
    }
    const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? []
    if (scheme.toLowerCase() === 'basic') return parseBasicCredentials(value) ?? unauthenticatedError(INVALID_BASIC)
    if (scheme.toLowerCase() === 'bearer' && verifyBearer !== null) return verifyBearer(value)
    // The message does not quote the header, because without a scheme the first word can be a secret.
    return unauthenticatedError(`The \`Authorization\` header has no supported scheme: ${hint}.`)
  }
}

function createBearerVerifier(service: UpstreamCredentials, config: Config['authentication'], logs: AuthLogs) {
  const verifyApiKey = createApiKeyVerifier(config.apiKeys, service)
  const verifyToken = config.tokens && createTokenVerifier(config.tokens, service, logs)
  return (value: string) => {
    const credentials = verifyApiKey(value)
    if (credentials !== null) return credentials
    if (verifyToken === null)
      return unauthenticatedError('The API key is unknown: expected a key with a hash in API_KEY_HASHES.')
    if (JWT.test(value)) return verifyToken(value)
    const message =
      'The bearer credentials are neither a known API key nor a JSON Web Token: expected ' +
      'a key with a hash in API_KEY_HASHES, or three base64url parts separated by dots.'
    return unauthenticatedError(message)
  }
}

/** Compares a key with every hash in constant time, so that response times do not reveal the keys. */
function createApiKeyVerifier(apiKeys: Config['authentication']['apiKeys'], service: UpstreamCredentials) {
  const entries = apiKeys.map(({ name, hash, accounts, actions }) => ({
    digest: Buffer.from(hash, 'hex'),
    credentials: scopeToClient(service, { identity: `key ${hash}`, name, accounts, actions, expiresAt: null }),
  }))
  return (key: string): UpstreamCredentials | null => {
    const digestOfKey = createHash('sha256').update(key).digest()
    let found: UpstreamCredentials | null = null
    for (const { digest, credentials } of entries) if (timingSafeEqual(digestOfKey, digest)) found = credentials
    return found
  }
}

function credentialsHint(authMode: AuthMode, { apiKeys, tokens }: Config['authentication']): string {
  if (authMode !== 'bearer')
    return 'send `Authorization: Basic` with an account SID or e-mail address and the auth token'
  const kinds = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a JSON Web Token'])]
  return `send \`Authorization: Bearer\` with ${kinds.join(' or ')}`
}

/**
 * Returns the `WWW-Authenticate` header of a 401 response. Returns null instead of `Basic` for a browser, because
 * `Basic` would open a login dialog. Browsers send `Origin` or `Sec-Fetch-Site`, except with a GET over plain HTTP.
 */
export function challengeFor(authMode: AuthMode, hasHeader: (header: string) => boolean): string | null {
  if (authMode === 'bearer')
    return `Bearer realm="Restcomm"${hasHeader('authorization') ? ', error="invalid_token"' : ''}`
  const isBrowserRequest = hasHeader('origin') || hasHeader('sec-fetch-site')
  return isBrowserRequest ? null : 'Basic realm="Restcomm", charset="UTF-8"'
}
