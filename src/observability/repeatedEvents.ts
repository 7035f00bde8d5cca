import type { Logger } from 'pino'

type Level = 'error' | 'warn' | 'info'

interface Repetition {
  readonly level: Level
  readonly message: string
  /** Fields of the last event. */
  fields: object
  /** Events since the last line. */
  count: number
  /** Whether the events have different keys. */
  readonly mixed: boolean
}

const SUMMARY_INTERVAL_MS = 10_000
/** Bounds the lines in a summary interval. Events with further keys are counted together for each message. */
const MAX_KEYS = 10

/**
 * Logs the first event with a key at once, and counts further events. Every ten seconds, a line for each key contains
 * `count`, the number of events since the last line, and the fields of the last event. A key without events in the
 * interval is forgotten. At level `debug`, counted events have a line of their own.
 */
export class RepeatedEvents {
  readonly #log: Logger
  readonly #repetitions = new Map<string, Repetition>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  write(level: Level, key: string, fields: object, message: string): void {
    if (!this.#log.isLevelEnabled(level)) return
    const fullKey = `${message} ${key}`
    const isMixed = this.#repetitions.size >= MAX_KEYS && !this.#repetitions.has(fullKey)
    const usedKey = isMixed ? message : fullKey
    const repetition = this.#repetitions.get(usedKey)
    if (repetition !== undefined) {
      repetition.count++
      repetition.fields = fields
      this.#log.debug(fields, message)
      return
    }
    this.#log[level](fields, message)
    this.#repetitions.set(usedKey, { level, message, fields, count: 0, mixed: isMixed })
    this.#timer ??= setInterval(() => this.#summarize(), SUMMARY_INTERVAL_MS).unref()
  }

  /** Writes the remaining summaries. */
  close(): void {
    this.#summarize()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #summarize(): void {
    for (const [key, repetition] of this.#repetitions) {
      const { level, fields, count, message, mixed } = repetition
      if (count === 0) this.#repetitions.delete(key)
      else this.#log[level]({ ...fields, count, mixed: mixed || undefined }, message)
      repetition.count = 0
    }
    if (this.#repetitions.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
