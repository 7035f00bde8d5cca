/** How long whoever follows waits for an answer before it looks for itself. Milliseconds. */
const PATIENCE = 1_000

/** What one who follows asks whoever leads: once at a time, and again and again until it is answered. */
export class Question {
  readonly #say: (question: string, atOnce: boolean) => void
  readonly #onUnanswered: () => void
  #question: string | null = null
  #patience: NodeJS.Timeout | undefined

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
    this.#patience = setInterval(() => {
      this.#onUnanswered()
      this.#say(question, atOnce)
    }, PATIENCE)
  }

  isAmong(answers: readonly string[]): boolean {
    return this.#question !== null && answers.includes(this.#question)
  }

  /** It is answered, or nobody wants to know any more. */
  settle(): void {
    this.#question = null
    clearInterval(this.#patience)
  }
}
