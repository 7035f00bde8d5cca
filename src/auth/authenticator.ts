import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { apiKeys } from './apiKeys.ts'
import { basicCredentials, type Credentials, credentialsInBasic, type Identity } from './credentials.ts'
import { keysFrom } from './jwks.ts'
import { unauthenticated } from './authErrors.ts'
import { isToken, tokens } from './jwt.ts'

/** By the `Authorization` header of a request. It answers at once, unless a token has to be checked first. */
type Authenticate = (header: string | null) => Identity | Promise<Identity>

/** What a request without credentials may do, or has to bring. */
export type Entrance = 'open' | 'Basic' | 'Bearer'

interface AuthenticatorOptions {
  /** The gateway's own credentials; null where each request must bring its own. */
  readonly own: { readonly accountSid: string; readonly authToken: string } | null
  readonly config: Config['authentication']
  readonly log: Logger
}

/** Longer ones than any header is are not worth hashing. Characters. */
const LONGEST = 16_384

/** Where the gateway has credentials of its own and nothing guards them, they are for anybody who reaches it. */
export const entranceOf = (own: AuthenticatorOptions['own'], config: Config['authentication']): Entrance => {
  if (own === null) return 'Basic'
  return config.apiKeys.length === 0 && config.tokens === null ? 'open' : 'Bearer'
}

/**
 * `Basic` is the caller's own and goes upstream. Without it, the gateway's own stand in: for whoever shows an API key or
 * a token as `Bearer`, as far as that may see; or for anybody, where the entrance is open.
 */
export const authenticator = (options: AuthenticatorOptions): Authenticate => {
  const { own, config } = options
  const entrance = entranceOf(own, config)
  const standIn = own && { ...basicCredentials(own.accountSid, own.authToken), isStandIn: true }
  const bearer = standIn !== null && entrance === 'Bearer' ? bearerCheck(standIn, options) : null
  const nothing = `The request has no credentials that count: ${whatToSend(entrance, config)}.`
  return header => {
    if (header === null) return (entrance === 'open' && standIn) || unauthenticated(nothing)
    const [, scheme = '', value = ''] = header.length > LONGEST ? [] : (/^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? [])
    if (scheme.toLowerCase() === 'basic') return credentialsInBasic(value) ?? unauthenticated(nothing)
    if (scheme.toLowerCase() === 'bearer' && bearer !== null) return bearer(value)
    return unauthenticated(nothing)
  }
}

const bearerCheck = (own: Credentials, { config, log }: AuthenticatorOptions) => {
  const findKey = apiKeys(config.apiKeys, own)
  const checkToken = config.tokens && tokens(config.tokens, keysFrom(config.tokens.keys, log), own, log)
  return (value: string): Identity | Promise<Identity> => {
    const found = findKey(value)
    if (found !== null) return found
    if (checkToken === null) return unauthenticated('The API key is not one that counts here.')
    return isToken(value) ? checkToken(value) : unauthenticated('This is no API key and no token that counts here.')
  }
}

const whatToSend = (entrance: Entrance, { apiKeys, tokens }: Config['authentication']): string => {
  if (entrance !== 'Bearer') return 'send `Authorization: Basic` with an account SID or e-mail, and its token'
  const kinds = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a JSON Web Token'])]
  return `send \`Authorization: Bearer\` with ${kinds.join(' or ')}`
}
