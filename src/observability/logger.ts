import { destination, type Logger, type LoggerOptions, pino } from 'pino'
import { loggableError } from './serializeError.ts'

/** Where credentials could turn up in something that is logged. */
const SECRETS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.authorization',
  '*.authToken',
]

/** Credentials as a header has them, wherever they are. Words of a sentence are not: those have no capitals or digits. */
const CREDENTIALS = /\b([Bb]asic|[Bb]earer)\s+(?=[a-z]*[A-Z\d+/=])[\w+/=.~-]{6,}/g

/** In an address. */
const USER_AND_PASSWORD = /\/\/[^\s/@"]+@/g

/** A line is looked through once more when it is written: nothing that is logged should have credentials in it. */
export const logOptions = (level: string): LoggerOptions => ({
  name: 'restcomm-graphql',
  level,
  redact: { paths: SECRETS, censor: '[redacted]' },
  serializers: { err: loggableError, cause: loggableError },
  hooks: {
    streamWrite: line => line.replace(CREDENTIALS, '$1 [redacted]').replace(USER_AND_PASSWORD, '//[redacted]@'),
  },
  timestamp: pino.stdTimeFunctions.isoTime,
})

/** JSON, a line each, on standard error: standard output is for whoever started the process. */
export const createLog = (level: string): Logger => pino(logOptions(level), destination({ dest: 2, sync: true }))
