import { GraphQLError, type GraphQLErrorOptions } from 'graphql'
import { type FailureKind, RestcommError } from './restcomm/errors.ts'

interface PublicError {
  readonly code: string
  /** HTTP status of a response without data. */
  readonly status: number
}

const PUBLIC_ERRORS: Record<FailureKind, PublicError> = {
  unauthenticated: { code: 'UNAUTHENTICATED', status: 401 },
  serviceCredentialsRejected: { code: 'UPSTREAM_UNAVAILABLE', status: 502 },
  forbidden: { code: 'FORBIDDEN', status: 403 },
  // Occurs only for lists of an unknown account. A missing object becomes null and causes no error.
  notFound: { code: 'BAD_USER_INPUT', status: 400 },
  rejected: { code: 'BAD_USER_INPUT', status: 400 },
  timedOut: { code: 'UPSTREAM_TIMEOUT', status: 504 },
  unavailable: { code: 'UPSTREAM_UNAVAILABLE', status: 502 },
  overloaded: { code: 'OVERLOADED', status: 503 },
  deadlineExceeded: { code: 'REQUEST_TIMEOUT', status: 504 },
  // No response is sent, because the client has disconnected. nginx logs status 499 in the same case.
  cancelled: { code: 'CANCELLED', status: 499 },
  malformed: { code: 'UPSTREAM_MALFORMED', status: 502 },
  filterIgnored: { code: 'UPSTREAM_FILTER_IGNORED', status: 502 },
}

const HTTP_STATUSES: Readonly<Record<string, number>> = {
  AUTHENTICATION_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
  LIST_TOO_LARGE: 400,
  TOO_MANY_WATCHES: 429,
  RATE_LIMITED: 429,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  NOT_ACCEPTABLE: 406,
  CROSS_ORIGIN: 403,
  PERSISTED_QUERY_NOT_FOUND: 404,
  UNAVAILABLE: 503,
  ...Object.fromEntries(Object.values(PUBLIC_ERRORS).map(({ code, status }) => [code, status])),
}

/** HTTP status of a response which has errors and no data. Codes without an entry are client mistakes and get 400. */
export function httpStatusOf(error: GraphQLError): number {
  const { code, retryAfter } = error.extensions
  // HTTP defines the header `Retry-After` for 503 but not for 502, so errors with a retry delay get 503.
  if (code === 'UPSTREAM_UNAVAILABLE' && retryAfter !== undefined) return 503
  return HTTP_STATUSES[String(code)] ?? 400
}

/** Upstream failures get a code and keep the message. Unexpected errors get a general code and message. */
export function toGraphQLError(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return createPublicError(error, {})
  const { originalError: cause, nodes = null, source = null, positions = null, path = null } = error
  const isPublic = cause === undefined || cause instanceof GraphQLError || 'code' in error.extensions
  return isPublic ? error : createPublicError(cause, { nodes, source, positions, path })
}

function createPublicError(cause: unknown, location: GraphQLErrorOptions): GraphQLError {
  const originalError = cause instanceof Error ? cause : new Error(String(cause))
  if (!(cause instanceof RestcommError)) {
    const extensions = { code: 'INTERNAL_SERVER_ERROR' }
    return new GraphQLError('Something went wrong in the gateway.', { ...location, originalError, extensions })
  }
  const { failure, message, retryAfterSeconds: retryAfter } = cause
  const extensions = { code: PUBLIC_ERRORS[failure].code, ...(retryAfter !== null && retryExtensions(retryAfter)) }
  return new GraphQLError(message, { ...location, originalError, extensions })
}

function retryExtensions(seconds: number) {
  return { retryAfter: seconds, http: { headers: { 'retry-after': String(seconds) } } }
}

export function clientDisconnected(): RestcommError {
  return new RestcommError('cancelled', 'The client disconnected.')
}
