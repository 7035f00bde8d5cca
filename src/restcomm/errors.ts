/** Every kind of upstream failure. `errorMapping.ts` maps each kind to a public error code. */
export const FAILURE_KINDS = [
  /** Credentials are missing or rejected. */
  'unauthenticated',
  /** Restcomm rejects the gateway's own credentials; the client cannot fix the error. */
  'serviceCredentialsRejected',
  /** The client lacks the permission, or the client's account is inactive. */
  'forbidden',
  'notFound',
  /** Restcomm considers the request invalid. */
  'rejected',
  /** Restcomm sent no complete response in time. */
  'timedOut',
  /** The connection failed, Restcomm sent an unexpected status such as 500, or a circuit breaker is open. */
  'unavailable',
  /** The request was not sent, because the request queue is full. */
  'overloaded',
  /** The time limit of the GraphQL request expired. */
  'deadlineExceeded',
  /** The client disconnected. */
  'cancelled',
  /** The response does not match the API. */
  'malformed',
  /** The response contains rows outside the filter, because the server ignored a condition. */
  'filterIgnored',
] as const

export type FailureKind = (typeof FAILURE_KINDS)[number]

/** Failures that every later request with the same credentials repeats. */
export const AUTH_FAILURES: readonly FailureKind[] = ['unauthenticated', 'serviceCredentialsRejected', 'forbidden']

/**
 * A failed upstream request. `message` is shown to clients. A message must not contain credentials, addresses or parts
 * of a response body.
 */
export class RestcommError extends Error {
  override readonly name = 'RestcommError'
  readonly failure: FailureKind
  /** HTTP status of an error response or of an incomplete response; otherwise null. */
  readonly status: number | null
  /** Delay after which a retry may succeed; null if unknown. */
  readonly retryAfterSeconds: number | null

  constructor(
    failure: FailureKind,
    message: string,
    options?: ErrorOptions & { readonly status?: number | null; readonly retryAfterSeconds?: number },
  ) {
    super(message, options)
    this.failure = failure
    this.status = options?.status ?? null
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null
  }
}

export function deadlineExceeded(subject: 'request' | 'event', timeoutMs: number): RestcommError {
  const message = `The ${subject} timed out after ${timeoutMs} ms (REQUEST_TIMEOUT_MS).`
  return new RestcommError('deadlineExceeded', message)
}

/** JSON of a `DecodingError`. No row of Restcomm has a member of this name after decoding. */
export interface DecodingErrorJson {
  readonly decodingError: string
  readonly rowId: string
}

/**
 * Takes the place of a field that cannot be read, or of a row without a valid identity. Executors raise an error found
 * as a value, so only queries that select the value receive the error.
 */
export class DecodingError extends RestcommError {
  /** Starts with `-`, and can be equal for several rows of a response. Empty for a field. */
  readonly rowId: string

  constructor(message: string, rowId = '') {
    const { stackTraceLimit } = Error
    // A list can contain thousands of decoding errors, and the message already names the place.
    Error.stackTraceLimit = 0
    super('malformed', message)
    Error.stackTraceLimit = stackTraceLimit
    this.rowId = rowId
  }

  toJSON(): DecodingErrorJson {
    return { decodingError: this.message, rowId: this.rowId }
  }
}

/**
 * Returns null for a missing row. A row without a valid identity can be any row, so if no other row matches, throws the
 * error of the row.
 */
export function findRow<T>(rows: readonly (T | DecodingError)[], matches: (row: T) => boolean): T | null {
  let decodingError: DecodingError | null = null
  for (const row of rows) {
    if (row instanceof DecodingError) decodingError = row
    else if (matches(row)) return row
  }
  if (decodingError !== null) throw decodingError
  return null
}

/** Keeps the last of several rows with the same id. Keeps all rows without a valid identity, and numbers equal ids. */
export function uniqueRows<T>(
  rows: readonly (T | DecodingError)[],
  idOf: (row: T) => string,
): readonly (T | DecodingError)[] {
  const counts = new Map<string, number>()
  const byId = new Map<string, T | DecodingError>()
  for (const row of rows) {
    if (row instanceof DecodingError) {
      const count = counts.get(row.rowId) ?? 0
      counts.set(row.rowId, count + 1)
      const rowId = `${row.rowId}-${count}`
      byId.set(rowId, new DecodingError(row.message, rowId))
    } else {
      byId.set(idOf(row), row)
    }
  }
  return [...byId.values()]
}

export function invalidMember(resource: string, field: string, expected: string): DecodingError {
  const message = `Restcomm returned ${withArticle(resource)} with an invalid \`${field}\`: expected ${expected}.`
  return new DecodingError(message)
}

export function withArticle(noun: string): string {
  return noun.startsWith('a') ? `an ${noun}` : `a ${noun}`
}

/** Every Restcomm has lists and the principal's account. If Restcomm answers 404, RESTCOMM_URL is probably wrong. */
export function notRestcomm(): RestcommError {
  return new RestcommError(
    'unavailable',
    'No Restcomm API was found at RESTCOMM_URL (status 404): expected a URL that ends in `/restcomm`.',
  )
}

export function credentialsRejected(): RestcommError {
  return new RestcommError(
    'unauthenticated',
    'Restcomm rejected the credentials of the request: expected the SID or e-mail address of an account, and its token.',
    { status: 401 },
  )
}

/** Throws an error of any kind except `notFound`. */
export function nullIfNotFound(error: unknown): null {
  if (error instanceof RestcommError && error.failure === 'notFound') return null
  throw error
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
