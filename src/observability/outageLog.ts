import type { Logger } from 'pino'

interface Messages {
  readonly started: string
  readonly ended: string
}

/** Logs the start of an outage with the cause, and the end with the duration, once each. */
export class OutageLog {
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #messages: Messages
  #startedAt: number | null = null

  constructor(log: Pick<Logger, 'info' | 'warn'>, messages: Messages) {
    this.#log = log
    this.#messages = messages
  }

  /** Has no effect during an outage. */
  start(fields: object): void {
    if (this.#startedAt !== null) return
    this.#startedAt = performance.now()
    this.#log.warn(fields, this.#messages.started)
  }

  /** Returns false without an outage. */
  end(): boolean {
    if (this.#startedAt === null) return false
    const seconds = Math.round((performance.now() - this.#startedAt) / 100) / 10
    this.#startedAt = null
    this.#log.info({ seconds }, this.#messages.ended)
    return true
  }
}
