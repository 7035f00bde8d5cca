import type { OffsetPage, OffsetPageRequest, OffsetSource } from '../relay/rowLocator.ts'
import { DecodingError, uniqueRows } from '../restcomm/errors.ts'
import { userInputError } from '../userInputError.ts'

const MAX_CONCURRENT_PAGES = 4
const MAX_ATTEMPTS = 3

type ListReader<T> = OffsetSource<T> & { clear(): void }

/**
 * Reads a whole list. Rejects with `LIST_TOO_LARGE` for more than `maxRows` rows or more rows than remain in `budget`.
 * Each page repeats the last row of the previous page. If rows are removed during the read, later rows move to pages
 * already read and would be missed. The repeated row is then missing too, so the whole list is read again. Rows added
 * during the read only cause duplicates, which are dropped unless the rows have no valid identity.
 */
export async function readAllRows<T>(
  reader: ListReader<T>,
  maxRows: number,
  budget: RowBudget,
): Promise<readonly (T | DecodingError)[]> {
  for (let attempt = 1; ; attempt++) {
    const { rows, isGapless, reserved } = await readOnce(reader, maxRows, budget)
    if (isGapless || attempt === MAX_ATTEMPTS) return rows
    reader.clear()
    budget.release(reserved)
  }
}

async function readOnce<T>(reader: ListReader<T>, maxRows: number, budget: RowBudget) {
  const rows: T[] = []
  const result = () => ({ rows: uniqueRows(rows, reader.idOf), isGapless, reserved: endPosition })
  let isGapless = true
  let lastPage: OffsetPage<T> | null = null
  /** Position after the last row read. */
  let endPosition = 0
  const append = (page: OffsetPage<T>) => {
    const ids = new Set(page.rows.map(reader.idOf))
    const overlapRow = lastPage?.rows.at(-1)
    if (overlapRow !== undefined && !ids.has(reader.idOf(overlapRow))) isGapless = false
    // Rows without a valid identity can be equal, so only the position shows that such a row was already read.
    const isAppended = (row: T, i: number) => !(row instanceof DecodingError) || page.start + i >= endPosition
    rows.push(...page.rows.filter(isAppended))
    lastPage = page
    endPosition = page.start + page.rows.length
    if (endPosition > maxRows) throw listTooLarge(maxRows)
    return page.atEnd
  }

  const size = Math.min(reader.maxPageSize, maxRows + 1)
  const firstPage = await budget.reserveFor(Math.min(size, maxRows), allowedRows =>
    reader.read({ page: 0, size: Math.min(size, allowedRows + 1) }),
  )
  if (append(firstPage)) return result()
  const total = await reader.total()
  if (total > maxRows && (await reader.read({ page: maxRows, size: 1 })).rows.length > 0) {
    throw listTooLarge(maxRows)
  }
  let reserved = endPosition
  const reserveUpTo = async (position: number) => {
    if (position > reserved) await budget.reserve(position - reserved)
    reserved = Math.max(reserved, position)
  }
  await reserveUpTo(Math.min(total, maxRows))
  try {
    for (let end = endPosition, isDone = false; !isDone; ) {
      const requests: OffsetPageRequest[] = []
      // Pages up to the reported total are read concurrently, pages beyond the total one by one.
      do {
        const next = overlappingPage(end, reader.maxPageSize)
        requests.push(next)
        end = (next.page + 1) * next.size
      } while (end <= Math.min(total, maxRows) && requests.length < MAX_CONCURRENT_PAGES)
      const pages = await Promise.all(requests.map(request => reader.read(request)))
      for (const page of pages) isDone ||= append(page)
      await reserveUpTo(endPosition)
    }
    return result()
  } finally {
    budget.release(Math.max(0, reserved - endPosition))
  }
}

/** Returns the page that contains row `end - 1` and as many of the following rows as possible. */
function overlappingPage(end: number, maxSize: number): OffsetPageRequest {
  let best = { page: end - 1, size: 1 }
  for (let size = maxSize; size > 1; size--) {
    const page = Math.floor((end - 1) / size)
    if ((page + 1) * size > (best.page + 1) * best.size) best = { page, size }
  }
  // Single-row pages cannot overlap, so the page starts at row `end`.
  return best.size > 1 ? best : { page: end, size: 1 }
}

function listTooLarge(maxRows: number): Error {
  return userInputError(
    'LIST_TOO_LARGE',
    `The list is too long for sorting: expected at most ${maxRows} rows (MAX_SORTED_ROWS). Narrow the list with \`filter\`, or omit \`orderBy\`.`,
  )
}

/** Limits the rows of completely read lists in a GraphQL request. Each read reserves rows first. */
export class RowBudget {
  readonly #createError: () => Error
  #remaining: number
  /** Number of unfinished `reserveFor` calls, which may give back rows. */
  #openReservations = 0
  #waiters: (() => void)[] = []

  /** `createError` is called for each read that exceeds the budget. */
  constructor(maxRows: number, createError = () => sortedListsTooLarge(maxRows)) {
    this.#createError = createError
    this.#remaining = maxRows
  }

  /** Reserves a known number of rows. Rejects with `LIST_TOO_LARGE` if the budget is exceeded. */
  async reserve(rows: number): Promise<void> {
    while (rows > this.#remaining && this.#openReservations > 0) await this.#nextRelease()
    if (rows > this.#remaining) throw this.#createError()
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
  async reserveFor<T>(rows: number, read: (allowedRows: number) => Promise<OffsetPage<T>>) {
    while (rows > this.#remaining && this.#openReservations > 0) await this.#nextRelease()
    const reserved = Math.min(rows, this.#remaining)
    this.#remaining -= reserved
    this.#openReservations++
    let received = 0
    try {
      const page = await read(reserved)
      received = page.rows.length
      if (received > reserved && reserved < rows) throw this.#createError()
      return page
    } finally {
      this.#remaining += Math.max(0, reserved - received)
      this.#openReservations--
      for (const wake of this.#waiters.splice(0)) wake()
    }
  }

  /**
   * Counts the rows of a whole list, of which the length is unknown before the read. Rejects if no rows are left. Reserves
   * `usualRows` during the read, so that concurrent reads exceed the budget only by longer lists.
   */
  async readWhole<T>(usualRows: number, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    while (usualRows > this.#remaining && this.#openReservations > 0) await this.#nextRelease()
    if (this.#remaining <= 0) throw this.#createError()
    this.#remaining -= usualRows
    this.#openReservations++
    let received = 0
    try {
      const rows = await read()
      received = rows.length
      return rows
    } finally {
      this.#remaining += usualRows - received
      this.#openReservations--
      for (const wake of this.#waiters.splice(0)) wake()
    }
  }

  #nextRelease(): Promise<void> {
    return new Promise(resolve => this.#waiters.push(resolve))
  }
}

function sortedListsTooLarge(maxRows: number): Error {
  return userInputError(
    'LIST_TOO_LARGE',
    `The sorted lists of the query are too long together: expected at most ${maxRows} rows (five times MAX_SORTED_ROWS). Narrow the lists with \`filter\`, or omit \`orderBy\` or \`updatedOnOrBefore\`.`,
  )
}
