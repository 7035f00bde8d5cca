import { GraphQLError } from 'graphql'
import { asError, type FailureKind, RestcommError } from './restcomm/errors.ts'

/** Public error codes, and the HTTP statuses of requests that fail before execution. */
const PUBLIC_ERRORS: Record<FailureKind, { readonly code: string; readonly status: number }> = {
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
  TOO_MANY_SUBSCRIPTIONS: 429,
  RATE_LIMITED: 429,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  NOT_ACCEPTABLE: 406,
  CROSS_ORIGIN: 403,
  PERSISTED_QUERY_NOT_FOUND: 404,
  UNAVAILABLE: 503,
  ...Object.fromEntries(Object.values(PUBLIC_ERRORS).map(({ code, status }) => [code, status])),
}

/** HTTP status of a request that fails before execution. Codes without an entry are client mistakes and get 400. */
export function httpStatusOf(error: Pick<GraphQLError, 'extensions'>): number {
  const { code, retryAfter } = error.extensions
  // HTTP defines the header `Retry-After` for 503 but not for 502, so errors with a retry delay get 503.
  if (code === 'UPSTREAM_UNAVAILABLE' && retryAfter !== undefined) return 503
  return HTTP_STATUSES[String(code)] ?? 400
}

/** Wraps a thrown value. The error is not public until `toClientError` converts the error. */
export function asGraphQLError(thrown: unknown): GraphQLError {
  if (thrown instanceof GraphQLError) return thrown
  const originalError = asError(thrown)
  return new GraphQLError(originalError.message, { originalError })
}

export interface ClientErrorOptions {
  /** Added to the error, so that support can find the log entry. */
  readonly requestId: string
  /** Whether the response has data, also null: the operation was executed, and the HTTP status is 200. */
  readonly hasData: boolean
  /** Whether the message may suggest similar names of the schema ("Did you mean …?"). */
  readonly suggestions: boolean
  /** Code of errors of GraphQL.js, such as invalid variables, which have no code. */
  readonly defaultCode: 'BAD_REQUEST' | 'BAD_USER_INPUT'
}

/**
 * The only conversion from a failure to the error which the client receives. Upstream failures get a code and keep the
 * message; unexpected errors get a general code and message. `extensions.http` contains the HTTP status and headers,
 * and is not enumerable, so that response bodies omit the property.
 */
export function toClientError(error: GraphQLError, options: ClientErrorOptions): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null, originalError = null } = error
  const isPublic = originalError === null || originalError instanceof GraphQLError || 'code' in error.extensions
  const failure = isPublic ? error : describeFailure(originalError)
  const { originalError: _parserError, http: givenHttp, ...publicExtensions } = failure.extensions
  const extensions = { code: options.defaultCode, ...publicExtensions, requestId: options.requestId }
  const message = options.suggestions ? failure.message : stripSuggestions(failure.message)
  const { stackTraceLimit } = Error
  // A response can have thousands of errors. The original error has the useful stack trace.
  Error.stackTraceLimit = 0
  const converted = new GraphQLError(message, { nodes, source, positions, path, originalError, extensions })
  Error.stackTraceLimit = stackTraceLimit
  const value = httpExtension(converted, givenHttp as HttpExtension | undefined, options.hasData)
  Object.defineProperty(extensions, 'http', { value })
  return converted
}

function describeFailure(cause: Error): { readonly message: string; readonly extensions: Record<string, unknown> } {
  if (!(cause instanceof RestcommError)) {
    return { message: 'Something went wrong in the gateway.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }
  }
  const { failure, message, retryAfterSeconds: retryAfter } = cause
  return { message, extensions: { code: PUBLIC_ERRORS[failure].code, ...(retryAfter !== null && { retryAfter }) } }
}

function stripSuggestions(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '')
}

/** Sets the status and headers of the response. Never part of the response body. */
export interface HttpExtension {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the status applies to `application/graphql-response+json` only. */
  readonly spec?: boolean
}

/**
 * Only a request that was not executed has a status other than 200, because load balancers count 5xx responses as
 * failures of the gateway. Clients of `application/json` receive the status 200 for errors of the query as well. Yoga
 * and the executor set `given` for errors of the query and of the HTTP request.
 */
function httpExtension(error: GraphQLError, given: HttpExtension = {}, hasData: boolean): HttpExtension {
  const { code, retryAfter } = error.extensions
  const headers = { ...given.headers, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) }
  // A subscription has no data if its field fails before the first event.
  const failedUpstream = error.path !== undefined && error.originalError instanceof RestcommError
  if (hasData || failedUpstream) return { headers }
  if (code === 'BAD_REQUEST') return { status: given.status ?? 400, headers }
  if (given.status !== undefined) return { ...given, headers }
  const status = httpStatusOf(error)
  return { status, headers, spec: status === 400 || error.path !== undefined }
}

export function clientDisconnected(): RestcommError {
  return new RestcommError('cancelled', 'The client disconnected.')
}
