import { destination, type Logger, pino } from 'pino'

/** Where credentials could turn up in something that is logged. */
const SECRETS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.authorization',
  '*.authToken',
]

/** JSON, a line each, on standard error: standard output is for whoever started the process. */
export const createLog = (level: string): Logger =>
  pino(
    {
      name: 'restcomm-graphql',
      level,
      redact: { paths: SECRETS, censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination({ dest: 2, sync: true }),
  )
