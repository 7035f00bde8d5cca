import { EventEmitter } from 'node:events'
import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import { keyedHash } from '../gatewaySecret.ts'
import { OutageLog } from '../observability/outageLog.ts'
import { SCRIPTS } from './scripts.ts'

export type RedisLog = Pick<Logger, 'info' | 'warn'>

/**
 * Format of keys, rows and messages. Replicas with different formats share nothing. The test of this file fails if the
 * types of rows or messages change without a new version.
 */
const FORMAT_VERSION = 2

/** Returns the name of a key or channel. `text` identifies the subject, for example a watch. */
export type RedisNames = (kind: 'row' | 'lease' | 'state' | 'watch' | 'changes' | 'rate', text?: string) => string

/** Gateways use equal names only if the secret and the URL of Restcomm are equal. Names reveal neither of them. */
export function redisNames(secret: string, restcommUrl: string): RedisNames {
  return (kind, text = '') =>
    `restcomm-graphql:${FORMAT_VERSION}:${kind}:${keyedHash(secret, `${restcommUrl} ${text}`)}`
}

const COMMAND_TIMEOUT_MS = 1_000
const MAX_RECONNECT_DELAY_MS = 3_000
const INVALID_DATA_LOG_INTERVAL_MS = 10_000

const OPTIONS: RedisOptions = {
  connectTimeout: 2_000,
  keepAlive: 10_000,
  connectionName: 'restcomm-graphql',
  // Commands fail immediately without a connection, so that no request waits for Redis.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  retryStrategy: attempt => Math.min(50 * 2 ** attempt, MAX_RECONNECT_DELAY_MS) * (0.5 + Math.random() / 2),
  // ioredis forgets channels if a connection closes before the subscription is confirmed.
  autoResubscribe: false,
  scripts: SCRIPTS,
}

/**
 * Reconnects if a command is not answered in time. The `commandTimeout` of ioredis keeps the connection, and also fails
 * commands whose answer arrived while the event loop was blocked.
 */
class RedisClient extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const [command] = args
    const reply = super.sendCommand(...args)
    if (!(reply instanceof Promise)) return reply
    let isSettled = false
    const timer = setTimeout(() => {
      // Runs after reading the sockets.
      setImmediate(() => {
        if (isSettled) return
        command.reject(new Error('Redis did not answer in time.'))
        this.disconnect(true)
      })
    }, COMMAND_TIMEOUT_MS)
    const settle = () => {
      isSettled = true
      clearTimeout(timer)
    }
    // Also handles the rejection of commands that ioredis sends itself.
    reply.then(settle, settle)
    return reply
  }
}

const CONNECTED = 'Redis connected: replicas share rows and watches'
const DISCONNECTED = 'Redis disconnected: the replica works on its own'

/** A connection for commands and a connection for subscriptions. Both reconnect in the background. */
export class RedisConnection extends EventEmitter<{ change: [isReady: boolean] }> {
  readonly name: RedisNames
  /** Commands fail immediately while Redis is unavailable. */
  readonly commands: Redis
  readonly subscriber: Redis
  /** Whether both connections are ready. */
  isReady = false
  readonly log: RedisLog
  readonly #outage: OutageLog
  /** Of the last error. */
  #reason: string | undefined
  #isClosed = false
  #loggedInvalidAt = Number.NEGATIVE_INFINITY

  /** `url` may contain a password and must not be logged. */
  constructor(url: string, name: RedisNames, log: RedisLog) {
    super()
    this.name = name
    this.log = log
    this.#outage = new OutageLog(log, { started: DISCONNECTED, ended: CONNECTED })
    this.commands = new RedisClient(url, OPTIONS)
    this.subscriber = new RedisClient(url, OPTIONS)
    for (const client of [this.commands, this.subscriber]) {
      client.on('error', error => this.#onError(error))
      client.on('ready', () => this.#update())
      client.on('close', () => this.#update())
    }
  }

  close(): void {
    this.#isClosed = true
    this.commands.disconnect()
    this.subscriber.disconnect()
  }

  /** Logs at most one warning in ten seconds, because a program can write invalid data without end. */
  reportInvalid(kind: 'message' | 'change' | 'row'): void {
    const now = performance.now()
    if (now - this.#loggedInvalidAt < INVALID_DATA_LOG_INTERVAL_MS) return
    this.#loggedInvalidAt = now
    this.log.warn({ kind }, 'invalid data in Redis ignored')
  }

  #update(): void {
    const isReady = this.commands.status === 'ready' && this.subscriber.status === 'ready'
    if (isReady === this.isReady || this.#isClosed) return
    this.isReady = isReady
    if (!isReady) this.#outage.start({ reason: this.#reason })
    else if (!this.#outage.end()) this.log.info(CONNECTED)
    this.#reason = undefined
    this.emit('change', isReady)
  }

  /** Each attempt to reconnect fails with an error of its own. */
  #onError(error: unknown): void {
    this.#reason = reasonOf(error)
    if (!this.isReady && !this.#isClosed) this.#outage.start({ reason: this.#reason })
  }
}

/** The message of an error may contain the command, and therefore the password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  // Redis errors begin with a word in capitals, such as WRONGPASS or READONLY.
  return /^[A-Z]+\b/.exec(error.message)?.[0] ?? error.name
}
