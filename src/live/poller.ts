/** How a poll went, which is what the time until the next one depends on. */
export type Outcome = 'changed' | 'unchanged' | 'failed'

/** While nothing changes, polls grow apart up to so many intervals. */
const SLOWEST = 4
const SLOWER = 1.25
/** Milliseconds. */
const LONGEST_BACKOFF = 10_000
/** Polls differ from the interval by up to this share of it, so that watches do not march in step. */
const JITTER = 0.1

/** The longest time between two polls, however they go. Milliseconds. */
export const longestWait = (intervalMs: number): number =>
  Math.max(SLOWEST * intervalMs, LONGEST_BACKOFF) * (1 + JITTER)

/**
 * Calls `poll` again and again, never twice at a time: soon after something changed, more slowly while nothing does, and
 * backing off while it fails.
 */
export class Poller {
  readonly #poll: () => Promise<Outcome>
  readonly #intervalMs: number
  #wait: number
  #timer: NodeJS.Timeout | undefined
  #polling = false
  #hasFailed = false
  #again = false
  #resting = false
  #stopped = false

  constructor(poll: () => Promise<Outcome>, intervalMs: number) {
    this.#poll = poll
    this.#intervalMs = intervalMs
    this.#wait = intervalMs
  }

  /** Polls now, or as soon as the poll that is under way is done. */
  now(): void {
    this.#resting = false
    this.#wait = this.#intervalMs
    this.#look()
  }

  /** Polls no more until it is asked to. A poll that is under way comes to its end. */
  rest(): void {
    this.#resting = true
    this.#again = false
    clearTimeout(this.#timer)
  }

  #look(): void {
    if (this.#stopped) return
    if (this.#polling) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    void this.#run()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    this.#polling = true
    const outcome = await this.#poll()
    this.#polling = false
    if (this.#stopped || this.#resting) return
    if (this.#again) {
      this.#again = false
      void this.#run()
      return
    }
    this.#wait = this.#next(outcome)
    this.#hasFailed = outcome === 'failed'
    this.#timer = setTimeout(() => this.#look(), this.#wait * (1 + JITTER * (2 * Math.random() - 1)))
  }

  #next(outcome: Outcome): number {
    switch (outcome) {
      case 'changed':
        return this.#intervalMs
      case 'unchanged':
        return Math.min(Math.max(this.#wait, this.#intervalMs) * SLOWER, this.#intervalMs * SLOWEST)
      case 'failed':
        // However quiet it was before: the first that is heard of the upstream again should not be late.
        if (!this.#hasFailed) return this.#intervalMs
        return Math.min(this.#wait * 2, Math.max(LONGEST_BACKOFF, this.#intervalMs))
    }
  }
}
