/** Before one that ended is replaced. Milliseconds. */
const SHORTEST = 100
const LONGEST = 10_000
/** Whoever lived so long did not end from how it began. Milliseconds. */
const STEADY = 10_000

/** Doubles while those that are started end soon, so that a process that cannot live takes no core to itself. */
export class RestartDelay {
  #next = SHORTEST

  /** How long to wait for the next, after one that lived so long. Milliseconds. */
  after(livedMs: number): number {
    if (livedMs >= STEADY) this.#next = SHORTEST
    const delay = this.#next
    this.#next = Math.min(LONGEST, 2 * delay)
    return delay
  }
}
