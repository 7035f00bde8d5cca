import { maxPollDelayMs } from '../poller.ts'

/** What a look may take beyond the time between two of them, and so what may pass before it is told. Milliseconds. */
const ALLOWANCE = 1_000

/**
 * How long whoever follows hears nothing of those who look. Each look is told, one that fails as well, so that a leader is
 * silent for no longer than it may wait between two of them: past that it cannot be heard, or does not look.
 */
export class Silence {
  readonly #longest: number
  readonly #onTooLong: () => void
  #timer: NodeJS.Timeout | undefined

  /** `onTooLong` is called once, until something is heard again. */
  constructor(intervalMs: number, onTooLong: () => void) {
    this.#longest = maxPollDelayMs(intervalMs)
    this.#onTooLong = onTooLong
  }

  /** Something is heard, or could be from now on. */
  begin(): void {
    this.end()
    // All who follow hear nothing from the same moment on, and are not to ask in the same one.
    this.#timer = setTimeout(this.#onTooLong, this.#longest + ALLOWANCE * (1 + Math.random()))
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
