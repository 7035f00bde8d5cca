import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { createApiKeyVerifier } from './apiKeys.ts'
import { createKeyResolver } from './jwks.ts'
import { createTokenVerifier, looksLikeJwt } from './jwt.ts'
import { unauthenticatedError } from './mapTokenError.ts'
import {
  basicCredentials,
  type Identity,
  parseBasicCredentials,
  type UpstreamCredentials,
} from './upstreamCredentials.ts'

/** Verifies an `Authorization` header. Returns a promise only if the signature of a token must be verified. */
type Authenticate = (header: string | null) => Identity | Promise<Identity>

/**
 * - `anonymous`: clients use the service credentials without authentication.
 * - `basic`: clients send their Restcomm credentials.
 * - `bearer`: clients send an API key or a token, or their Restcomm credentials.
 */
export type AuthMode = 'anonymous' | 'basic' | 'bearer'

interface AuthenticatorOptions {
  readonly serviceCredentials: { readonly accountSid: string; readonly authToken: string } | null
  readonly config: Config['authentication']
  readonly log: Logger
}

/** Limits the `Authorization` header, because hashing of a long header is expensive. */
const MAX_HEADER_CHARS = 16_384

const INVALID_BASIC =
  'The `Basic` credentials are invalid: expected the base64 of `account:token`, with an account SID or e-mail address.'

export function authModeOf(
  serviceCredentials: AuthenticatorOptions['serviceCredentials'],
  config: Config['authentication'],
): AuthMode {
  if (serviceCredentials === null) return 'basic'
  return config.apiKeys.length === 0 && config.tokens === null ? 'anonymous' : 'bearer'
}

/**
 * `Basic` credentials are sent to Restcomm, which verifies them. `Bearer` credentials are verified by the gateway and
 * replaced by the service credentials, limited to the accounts of the client.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { serviceCredentials, config } = options
  const authMode = authModeOf(serviceCredentials, config)
  const service = serviceCredentials && {
    ...basicCredentials(serviceCredentials.accountSid, serviceCredentials.authToken),
    isServiceAccount: true,
  }
  const verifyBearer = service !== null && authMode === 'bearer' ? createBearerVerifier(service, options) : null
  const hint = credentialsHint(authMode, config)
  return header => {
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

function createBearerVerifier(service: UpstreamCredentials, { config, log }: AuthenticatorOptions) {
  const verifyApiKey = createApiKeyVerifier(config.apiKeys, service)
  const verifyToken =
    config.tokens && createTokenVerifier(config.tokens, createKeyResolver(config.tokens.keys, log), service, log)
  return (value: string): Identity | Promise<Identity> => {
    const credentials = verifyApiKey(value)
    if (credentials !== null) return credentials
    if (verifyToken === null)
      return unauthenticatedError('The API key is unknown: expected a key with a hash in API_KEY_HASHES.')
    return looksLikeJwt(value)
      ? verifyToken(value)
      : unauthenticatedError(
          'The bearer credentials are neither a known API key nor a JSON Web Token: expected ' +
            'a key with a hash in API_KEY_HASHES, or three base64url parts separated by dots.',
        )
  }
}

function credentialsHint(authMode: AuthMode, { apiKeys, tokens }: Config['authentication']): string {
  if (authMode !== 'bearer')
    return 'send `Authorization: Basic` with an account SID or e-mail address and the auth token'
  const kinds = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a JSON Web Token'])]
  return `send \`Authorization: Bearer\` with ${kinds.join(' or ')}`
}
