import { callerError } from '../userInputError.ts'

/** The rows that one request may hold of lists that are read as a whole, all of them together. They are taken before they are read. */
export class RowBudget {
  readonly #maximum: number
  #left: number
  /** Reads under way that may bring fewer rows than were taken for them. */
  #open = 0
  #waiting: (() => void)[] = []

  constructor(maximum: number) {
    this.#maximum = maximum
    this.#left = maximum
  }

  /** Takes rows that are known to be there. Rejects with `LIST_TOO_LARGE` where so many are not left. */
  async take(rows: number): Promise<void> {
    while (rows > this.#left && this.#open > 0) await this.#closing()
    if (rows > this.#left) throw this.#tooMany()
    this.#left -= rows
  }

  /** Of what was taken: rows that did not come, or that are read again. */
  giveBack(rows: number): void {
    this.#left += rows
  }

  /**
   * Takes rows for a read of which nobody knows how many it brings, and gives back what did not come. Where fewer than
   * `rows` are left, it waits for what such reads before it give back, and then is `allowed` the rest, be that nothing: it
   * rejects with `LIST_TOO_LARGE` where more than these come.
   */
  async reading<S extends { readonly rows: readonly unknown[] }>(
    rows: number,
    read: (allowed: number) => Promise<S>,
  ): Promise<S> {
    while (rows > this.#left && this.#open > 0) await this.#closing()
    const taken = Math.min(rows, this.#left)
    this.#left -= taken
    this.#open++
    let came = 0
    try {
      const segment = await read(taken)
      came = segment.rows.length
      if (came > taken && taken < rows) throw this.#tooMany()
      return segment
    } finally {
      this.#left += Math.max(0, taken - came)
      this.#open--
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }

  #tooMany(): Error {
    return callerError(
      'LIST_TOO_LARGE',
      `The lists that the query sorts have more than ${this.#maximum} rows (MAX_QUERY_SORTED_ROWS) together. Narrow them with \`filter\`, or leave \`orderBy\` or \`updatedOnOrBefore\` out.`,
    )
  }

  #closing(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
