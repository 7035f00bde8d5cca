/** Whoever leads has so long, in intervals, to look once more before another tries. */
const SPARED = 1.2

/**
 * When one who follows tries to look in the stead of a leader that cannot: a replica may be cut off from what the others
 * reach.
 *
 * A leader says so with each look that fails, and keeps the lead: where nobody can look, to hand it round would cost looks
 * and help nobody. Of those who follow one tries, a moment that differs from replica to replica after the leader has failed
 * and has had the time to fail again; the others hear of it, and wait for the leader's next failure. So an upstream that is
 * down for all is asked by two in place of one, and by both ever less often. Only who has seen that it can look is handed
 * the lead, by the leader itself and while that still fails: nobody else can have it by mistake, and the one that could not
 * has no reason to take it back.
 */
export class Succession {
  readonly #intervalMs: number
  readonly #onTurn: () => void
  #isOpen = false
  #timer: NodeJS.Timeout | undefined

  /** `onTurn` is called when it is for this replica to try. */
  constructor(intervalMs: number, onTurn: () => void) {
    this.#intervalMs = intervalMs
    this.#onTurn = onTurn
  }

  /** Whether a leader is sought that can look. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  leaderFailed(): void {
    this.#isOpen = true
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        this.#onTurn()
      },
      this.#intervalMs * (SPARED + Math.random()),
    )
  }

  anotherTries(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Whoever leads can look, or there is nobody else who would have to know. */
  close(): void {
    this.anotherTries()
    this.#isOpen = false
  }
}
