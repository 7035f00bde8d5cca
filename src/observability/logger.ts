import { destination, type Logger, type LoggerOptions, pino } from 'pino'
import { serializeError } from './serializeError.ts'

const REDACTED_PATHS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.authorization',
  '*.authToken',
]

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
