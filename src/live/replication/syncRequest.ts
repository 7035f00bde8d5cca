/** How long whoever follows waits for an answer before it looks for itself; longer each time, up to `LONGEST`. Milliseconds. */
const PATIENCE = 1_000
const LONGEST = 8_000

/** What one who follows asks whoever leads: once at a time, and again and again until it is answered. */
export class Question {
  readonly #say: (question: string, atOnce: boolean) => void
  readonly #onUnanswered: () => void
  #question: string | null = null
  #patience = PATIENCE
  #timer: NodeJS.Timeout | undefined

  /** `onUnanswered` is called each time that nobody has answered for as long as it is worth to wait. */
  constructor(say: (question: string, atOnce: boolean) => void, onUnanswered: () => void) {
    this.#say = say
    this.#onUnanswered = onUnanswered
  }

  /** Nothing, while another is open. */
  ask(atOnce: boolean): void {
    if (this.#question !== null) return
    const question = crypto.randomUUID()
    this.#question = question
    this.#say(question, atOnce)
    this.#wait(question, atOnce)
  }

  /**
   * Asks for what is newer than what an answer to the open question would have to be. The patience stays what it has grown
   * to: a leader that answers slowly would otherwise be asked anew each time before it has.
   */
  renew(): void {
    this.#close()
    this.ask(true)
  }

  isAmong(answers: readonly string[]): boolean {
    return this.#question !== null && answers.includes(this.#question)
  }

  /** It is answered, or nobody wants to know any more. */
  settle(): void {
    this.#close()
    this.#patience = PATIENCE
  }

  #close(): void {
    this.#question = null
    clearTimeout(this.#timer)
  }

  #wait(question: string, atOnce: boolean): void {
    this.#timer = setTimeout(() => {
      this.#patience = Math.min(2 * this.#patience, LONGEST)
      this.#wait(question, atOnce)
      this.#onUnanswered()
      this.#say(question, atOnce)
    }, this.#patience)
  }
}
