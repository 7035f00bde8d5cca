import { GraphQLError, type GraphQLErrorOptions } from 'graphql'
import { type Failure, RestcommError } from './restcomm/errors.ts'

interface PublicError {
  readonly code: string
  /** Of the HTTP response, where the failure leaves nothing else to answer with. */
  readonly status: number
}

/** Every failure of the upstream, as callers see it. A failure without a line does not compile. */
const FAILURES: Record<Failure, PublicError> = {
  unauthenticated: { code: 'UNAUTHENTICATED', status: 401 },
  standInRefused: { code: 'UPSTREAM_UNAVAILABLE', status: 502 },
  forbidden: { code: 'FORBIDDEN', status: 403 },
  // A look-up of what does not exist is null; this is about a list of an account that does not exist.
  notFound: { code: 'BAD_USER_INPUT', status: 400 },
  rejected: { code: 'BAD_USER_INPUT', status: 400 },
  timedOut: { code: 'UPSTREAM_TIMEOUT', status: 504 },
  unavailable: { code: 'UPSTREAM_UNAVAILABLE', status: 502 },
  overloaded: { code: 'OVERLOADED', status: 503 },
  outOfTime: { code: 'REQUEST_TIMEOUT', status: 504 },
  // Nobody is there to be told.
  cancelled: { code: 'CANCELLED', status: 499 },
  malformed: { code: 'UPSTREAM_MALFORMED', status: 502 },
  filterIgnored: { code: 'UPSTREAM_FILTER_IGNORED', status: 502 },
}

const STATUSES: Readonly<Record<string, number>> = {
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
  ...Object.fromEntries(Object.values(FAILURES).map(({ code, status }) => [code, status])),
}

/** The HTTP status that an error stands for when a response has nothing but errors. Unknown codes are the caller's. */
export const statusOf = (error: GraphQLError): number => {
  const { code, retryAfter } = error.extensions
  // 502 says nothing of a time to come back.
  if (code === 'UPSTREAM_UNAVAILABLE' && retryAfter !== undefined) return 503
  return STATUSES[String(code)] ?? 400
}

/**
 * What a caller sees of an error: the failures above with their codes, the caller's own mistakes as they are, and of
 * everything else that it happened. The error behind it stays on `originalError`, for the log.
 */
export const toGraphQLError = (error: unknown): GraphQLError => {
  if (!(error instanceof GraphQLError)) return publicError(error, {})
  const { originalError: cause, nodes = null, source = null, positions = null, path = null } = error
  const isPublic = cause === undefined || cause instanceof GraphQLError || 'code' in error.extensions
  return isPublic ? error : publicError(cause, { nodes, source, positions, path })
}

const publicError = (cause: unknown, place: GraphQLErrorOptions): GraphQLError => {
  const originalError = cause instanceof Error ? cause : new Error(String(cause))
  if (!(cause instanceof RestcommError)) {
    const extensions = { code: 'INTERNAL_SERVER_ERROR' }
    return new GraphQLError('Something went wrong in the gateway.', { ...place, originalError, extensions })
  }
  const { failure, message, retryAfter } = cause
  const extensions = { code: FAILURES[failure].code, ...(retryAfter !== null && retryLater(retryAfter)) }
  return new GraphQLError(message, { ...place, originalError, extensions })
}

/** What an error says, and its response's header, where it is known when to try again. Seconds. */
const retryLater = (seconds: number) => ({
  retryAfter: seconds,
  http: { headers: { 'retry-after': String(seconds) } },
})

/** The reason for which work ends that nobody waits for. */
export const clientGone = (): RestcommError => new RestcommError('cancelled', 'The client has gone.')
