import { GraphQLError } from 'graphql'
import { errors } from 'jose'
import { KeysUnavailable } from './jwks.ts'

/** Why a request has no credentials that count, for whoever made it. */
export const unauthenticated = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })

/** Whether checking a token failed for a reason that is neither in the token nor known. */
export const isUnexpected = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) && !(error instanceof KeysUnavailable)

/**
 * Why a token does not count. Nothing of the token is in it, nor the error behind it, which has the claims. Where nothing
 * can be said of a token, it does not count either.
 */
export const tokenRefusal = (error: unknown): GraphQLError =>
  error instanceof errors.JOSEError
    ? unauthenticated(whatIsWrong(error))
    : new GraphQLError('Tokens cannot be checked at this moment; try again in a few seconds.', {
        extensions: { code: 'AUTHENTICATION_UNAVAILABLE' },
      })

const whatIsWrong = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTExpired) return 'The token has expired.'
  if (error instanceof errors.JWTClaimValidationFailed) return whatIsWrongWithClaim(error)
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'The token does not name the key that signed it (`kid`).'
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is not signed with a key that counts here.'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong.'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed in a way that does not count here (`alg`).'
  return 'The token is not a JSON Web Token.'
}

const whatIsWrongWithClaim = ({ claim, reason }: errors.JWTClaimValidationFailed): string => {
  if (reason === 'missing') return `The token has no \`${claim}\` claim.`
  if (claim === 'nbf' && reason === 'check_failed') return 'The token is not valid yet (`nbf`).'
  return `The \`${claim}\` claim of the token is not what this gateway takes.`
}
