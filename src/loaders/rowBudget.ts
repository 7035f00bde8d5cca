import { userInputError } from '../userInputError.ts'

/** Limits the rows of completely read lists in a GraphQL request. Each read reserves rows first. */
export class RowBudget {
  readonly #maxRows: number
  #remaining: number
  /** Number of unfinished `reserveFor` calls, which may give back rows. */
  #openReservations = 0
  #waiters: (() => void)[] = []

  constructor(maxRows: number) {
    this.#maxRows = maxRows
    this.#remaining = maxRows
  }

  /** Reserves a known number of rows. Rejects with `LIST_TOO_LARGE` if the budget is exceeded. */
  async reserve(rows: number): Promise<void> {
    while (rows > this.#remaining && this.#openReservations > 0) await this.#nextRelease()
    if (rows > this.#remaining) throw this.#budgetExceeded()
    this.#remaining -= rows
  }

  /** Gives back reserved rows that were not read or will be read again. */
  release(rows: number): void {
    this.#remaining += rows
  }

  /**
   * Reserves up to `rows` rows for a page of unknown length, and gives unused rows back after the read. Rejects with
   * `LIST_TOO_LARGE` if the page has more rows than the budget allows.
   */
  async reserveFor<P extends { readonly rows: readonly unknown[] }>(
    rows: number,
    read: (allowedRows: number) => Promise<P>,
  ): Promise<P> {
    while (rows > this.#remaining && this.#openReservations > 0) await this.#nextRelease()
    const reserved = Math.min(rows, this.#remaining)
    this.#remaining -= reserved
    this.#openReservations++
    let received = 0
    try {
      const page = await read(reserved)
      received = page.rows.length
      if (received > reserved && reserved < rows) throw this.#budgetExceeded()
      return page
    } finally {
      this.#remaining += Math.max(0, reserved - received)
      this.#openReservations--
      for (const wake of this.#waiters.splice(0)) wake()
    }
  }

  #budgetExceeded(): Error {
    return userInputError(
      'LIST_TOO_LARGE',
      `The sorted lists of the query are too long together: expected at most ${this.#maxRows} rows (MAX_QUERY_SORTED_ROWS). Narrow the lists with \`filter\`, or omit \`orderBy\` or \`updatedOnOrBefore\`.`,
    )
  }

  #nextRelease(): Promise<void> {
    return new Promise(resolve => this.#waiters.push(resolve))
  }
}
