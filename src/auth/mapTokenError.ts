import { GraphQLError } from 'graphql'
import { errors } from 'jose'
import { JwksUnavailableError } from './jwks.ts'

export function unauthenticatedError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

export function isUnexpectedError(error: unknown): boolean {
  return !(error instanceof errors.JOSEError) && !(error instanceof JwksUnavailableError)
}

/** The new error has no values of the token. The error of jose has claims, so `originalError` is not set. */
export function mapTokenError(error: unknown): GraphQLError {
  return error instanceof errors.JOSEError
    ? unauthenticatedError(tokenErrorMessage(error))
    : new GraphQLError('Token verification is temporarily unavailable: retry in a few seconds.', {
        extensions: { code: 'AUTHENTICATION_UNAVAILABLE' },
      })
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
