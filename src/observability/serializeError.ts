/** How far errors are followed to their causes. */
const DEPTH = 5
/** Of what went wrong at once, as with each address of a host. */
const MAXIMUM_TOGETHER = 5

interface LoggableError {
  readonly type: string
  readonly message: string
  readonly code?: string
  /** Of Restcomm, and the status that it answered. */
  readonly failure?: string
  readonly status?: number
  readonly stack?: string
  readonly cause?: unknown
  readonly together?: readonly unknown[]
}

/**
 * An error as it is logged: what it is, where it was made and what it comes of. Nothing else that hangs on it, since
 * clients of HTTP like to hang whole requests on their errors, with all headers.
 */
export const loggableError = (error: unknown, depth: number = DEPTH): unknown => {
  if (!(error instanceof Error)) return error === undefined || error === null ? error : String(error)
  const { message, stack, cause } = error
  const { code, failure, status } = error as { readonly [name in 'code' | 'failure' | 'status']?: unknown }
  const together = error instanceof AggregateError ? error.errors.slice(0, MAXIMUM_TOGETHER) : []
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof failure === 'string' && { failure }),
    ...(typeof status === 'number' && { status }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth > 0 && { cause: loggableError(cause, depth - 1) }),
    ...(together.length > 0 && depth > 0 && { together: together.map(each => loggableError(each, depth - 1)) }),
  } satisfies LoggableError
}
