const MAX_CAUSE_DEPTH = 5
const MAX_AGGREGATED_ERRORS = 5

interface SerializedError {
  readonly type: string
  readonly message: string
  readonly code?: string
  /** `failure` and `status` of a `RestcommError`. */
  readonly failure?: string
  readonly status?: number
  readonly stack?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/** Copies only listed properties, because the errors of HTTP clients may contain request headers. */
export function serializeError(error: unknown, depth: number = MAX_CAUSE_DEPTH): unknown {
  if (!(error instanceof Error)) return error === undefined || error === null ? error : String(error)
  const { message, stack, cause } = error
  const { code, failure, status } = error as { readonly [name in 'code' | 'failure' | 'status']?: unknown }
  const errors = error instanceof AggregateError ? error.errors.slice(0, MAX_AGGREGATED_ERRORS) : []
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof failure === 'string' && { failure }),
    ...(typeof status === 'number' && { status }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth > 0 && { cause: serializeError(cause, depth - 1) }),
    ...(errors.length > 0 && depth > 0 && { errors: errors.map(nested => serializeError(nested, depth - 1)) }),
  } satisfies SerializedError
}
