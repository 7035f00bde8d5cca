import { destination, type Logger, type LoggerOptions, pino } from 'pino'

const REDACTED_PATHS = ['authorization', '*.authorization', '*.headers.authorization', '*.authToken']

const MAX_CAUSE_DEPTH = 5
const MAX_AGGREGATED_ERRORS = 5

/** Credentials must have a capital letter, a digit or one of `+/=`, so that "basic authentication" is not redacted. */
const CREDENTIALS_PATTERN = /\b([Bb]asic|[Bb]earer)\s+(?=[a-z]*[A-Z\d+/=])[\w+/=.~-]{6,}/g

const URL_USERINFO_PATTERN = /\/\/[^\s/@"]+@/g

/** Redacts credentials twice: by field name, and by pattern in the written line. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    name: 'restcomm-graphql',
    level,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: serializeError, cause: serializeError },
    hooks: {
      streamWrite: line =>
        line.replace(CREDENTIALS_PATTERN, '$1 [redacted]').replace(URL_USERINFO_PATTERN, '//[redacted]@'),
    },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
}

/** Writes lines of JSON to standard error, because standard output is for the start-up lines. */
export function createLogger(level: string): Logger {
  return pino(loggerOptions(level), destination({ dest: 2, sync: true }))
}

/**
 * Copies only listed properties, because the errors of HTTP clients may contain request headers. `failure` and `status`
 * are properties of a `RestcommError`.
 */
function serializeError(error: unknown, depth: number = MAX_CAUSE_DEPTH): unknown {
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
  }
}
