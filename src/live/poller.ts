export type PollOutcome = 'changed' | 'unchanged' | 'failed'

/** Longest delay between polls of an unchanged resource, in poll intervals. */
const MAX_IDLE_FACTOR = 4
const IDLE_GROWTH = 1.25
const MAX_BACKOFF_MS = 10_000
/** Each delay is randomly up to 10 % longer or shorter, so that many watches do not poll at once. */
const JITTER = 0.1

/** Poll loop without overlapping polls. The delay grows while the resource is unchanged or polls fail. */
export class Poller {
  readonly #poll: () => Promise<PollOutcome>
  readonly #intervalMs: number
  #delayMs: number
  #timer: NodeJS.Timeout | undefined
  #isPolling = false
  #hasFailed = false
  #isQueued = false
  #isPaused = false

  constructor(poll: () => Promise<PollOutcome>, intervalMs: number) {
    this.#poll = poll
    this.#intervalMs = intervalMs
    this.#delayMs = intervalMs
  }

  /** Polls immediately. If a poll is running, polls again after the running poll. Ends a pause. */
  pollNow(): void {
    this.#isPaused = false
    this.#delayMs = this.#intervalMs
    clearTimeout(this.#timer)
    if (this.#isPolling) this.#isQueued = true
    else void this.#run()
  }

  /** Stops polling until the next `pollNow`. A running poll is not interrupted. */
  pause(): void {
    this.#isPaused = true
    this.#isQueued = false
    clearTimeout(this.#timer)
  }

  /** Delay before the next poll if the running poll has this outcome. */
  delayAfterMs(outcome: PollOutcome): number {
    if (outcome === 'unchanged') return Math.min(this.#delayMs * IDLE_GROWTH, this.#intervalMs * MAX_IDLE_FACTOR)
    // The first retry waits only `#intervalMs`, so that a short failure delays events little.
    if (outcome === 'changed' || !this.#hasFailed) return this.#intervalMs
    return Math.min(this.#delayMs * 2, Math.max(MAX_BACKOFF_MS, this.#intervalMs))
  }

  async #run(): Promise<void> {
    this.#isPolling = true
    const outcome = await this.#poll()
    this.#isPolling = false
    if (this.#isPaused) return
    this.#delayMs = this.delayAfterMs(outcome)
    this.#hasFailed = outcome === 'failed'
    if (this.#isQueued) {
      this.#isQueued = false
      void this.#run()
    } else {
      this.#timer = setTimeout(() => void this.#run(), this.#delayMs * (1 + JITTER * (2 * Math.random() - 1)))
    }
  }
}
