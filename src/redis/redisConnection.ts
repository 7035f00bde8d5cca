import { createHash } from 'node:crypto'
import { Redis, type RedisOptions } from 'ioredis'
import { afterReading } from './setTimeoutAfterIo.ts'

/** What happens to the connection, for the log. */
export interface RedisLog {
  debug(details: object, message: string): void
  info(message: string): void
  warn(details: object, message: string): void
}

/** The form of what is written: another number is another form. */
const FORM = 1

/**
 * What everything begins with that is written, or listened to, by gateways before the same Restcomm: what one says of its
 * conferences is not true of another's.
 */
export const prefixFor = (restcommUrl: string): string =>
  `restcomm-graphql:${FORM}:${createHash('sha256').update(restcommUrl).digest('hex').slice(0, 12)}:`

/** How long a command may take. Milliseconds. */
const COMMAND_TIMEOUT = 1_000
const CONNECT_TIMEOUT = 2_000
const LONGEST_PAUSE = 3_000

/** Before the next attempt to connect: longer each time, and different from replica to replica. Milliseconds. */
const pauseBefore = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE) * (0.5 + Math.random() / 2)

const COMMON: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT,
  keepAlive: 10_000,
  retryStrategy: pauseBefore,
  connectionName: 'restcomm-graphql',
}

/** A command that fails is the business of whoever waits for it; where nobody does, it is nobody's. */
class QuietRedis extends Redis {
  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const answer = super.sendCommand(...sent)
    if (answer instanceof Promise) answer.catch(() => undefined)
    return answer
  }
}

/**
 * After a command that was not answered in time it connects anew, and so counts as away until there is an answer. In place
 * of ioredis' own `commandTimeout`, which takes what this process was too busy to read for what was not answered.
 */
class ImpatientRedis extends QuietRedis {
  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent
    const answer = super.sendCommand(...sent)
    if (answer instanceof Promise) {
      const cancel = afterReading(COMMAND_TIMEOUT, () => {
        command.reject(new Error('Redis did not answer in time.'))
        this.disconnect(true)
      })
      answer.then(cancel, cancel)
    }
    return answer
  }
}

/**
 * Two connections to one Redis: one for commands, and one that listens. Both connect by themselves, again and again. A
 * command fails at once while there is no connection, and soon where there is no answer, so that nothing waits for Redis.
 */
export class RedisConnection {
  readonly prefix: string
  readonly commands: Redis
  readonly listener: Redis
  readonly #log: RedisLog
  #isReady = false
  #isClosed = false
  readonly #onReady: (() => void)[] = []

  /** `url` may hold a password, and is not told to anybody. */
  constructor(url: string, prefix: string, log: RedisLog) {
    this.prefix = prefix
    this.#log = log
    this.commands = new ImpatientRedis(url, {
      ...COMMON,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    })
    // What it listens to is asked for in any case, as soon as there is a connection.
    this.listener = new QuietRedis(url, { ...COMMON, maxRetriesPerRequest: null })
    for (const client of [this.commands, this.listener]) {
      // Errors have the command in them, and so the password of the one that logs in: only their codes are told.
      client.on('error', error => log.warn({ reason: reasonOf(error) }, 'Redis'))
      client.on('ready', () => this.#changed())
      client.on('close', () => this.#changed())
    }
  }

  /** Whether both connections are up, as far as is known. */
  get isReady(): boolean {
    return this.#isReady
  }

  onReady(listener: () => void): void {
    this.#onReady.push(listener)
  }

  close(): void {
    this.#isClosed = true
    this.commands.disconnect()
    this.listener.disconnect()
  }

  #changed(): void {
    const isReady = this.commands.status === 'ready' && this.listener.status === 'ready'
    if (isReady === this.#isReady || this.#isClosed) return
    this.#isReady = isReady
    if (isReady) {
      this.#log.info('Redis is there: rows and watches are shared with the other replicas')
      for (const tell of this.#onReady) tell()
    } else {
      this.#log.warn({}, 'Redis is away: this replica goes on by itself')
    }
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  // Redis begins its refusals with a word in capitals: WRONGPASS, NOAUTH, READONLY.
  return /^[A-Z]+\b/.exec(error.message)?.[0] ?? error.name
}
