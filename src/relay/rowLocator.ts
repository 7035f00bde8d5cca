import type { OffsetCursor } from './cursor.ts'

/** A page of `size` rows that starts at row `page × size`. Page numbers and row positions start at 0. */
export interface OffsetPageRequest {
  readonly page: number
  readonly size: number
}

export interface OffsetPage<T> {
  /** Position of the page's first row in the list. Positions start at 0. */
  readonly start: number
  readonly rows: readonly T[]
  readonly atEnd: boolean
}

/** A list in upstream order, read by page number and page size. New rows may appear at any position. */
export interface OffsetSource<T> {
  /**
   * Maximum rows per page. Decreases if a read discovers a smaller cap of the server. The result of the read can then
   * start before the requested rows.
   */
  readonly maxPageSize: number
  /** The id of a row without a valid identity starts with `-`, can change, and can be equal for several rows. */
  readonly idOf: (row: T) => string
  /** Returns an empty page if the requested page lies past the end of the list. */
  read(request: OffsetPageRequest): Promise<OffsetPage<T>>
  /** Length of the list, possibly outdated. */
  total(): Promise<number>
  /** Counts the rows of the list. Called after `total` proved wrong. */
  recount(): Promise<number>
  /** Called before each large page of a search. False if the query has searched too many pages. */
  tryConsumeSearchPage(): boolean
  /** Called if a cursor's row has moved by `distance` rows. If the row was not found, `distance` is null. */
  cursorDrifted(distance: number | null): void
}

/** Number of rows on each side of the cursor's position in the first search request. */
const NEARBY_ROWS = 50
/** Maximum number of rows searched on each side of the cursor's position. */
const MAX_SEARCH_ROWS = 10_000
/** Maximum number of pages searched on each side. Limits the requests if the server caps pages at a small size. */
const MAX_SEARCH_PAGES = 10
/** Maximum number of requests to find the end of a list that changes during the search. */
const MAX_END_ATTEMPTS = 20
/** Growth of the number of additional rows in repeated reads of a list that changes between the reads. */
export const READ_GROWTH = 8

function isUnreliable(id: string): boolean {
  return id.startsWith('-')
}

/** `start` is the position of `rows[0]`. */
export interface RowRange<T> {
  readonly start: number
  readonly rows: readonly T[]
}

export interface RowPosition<T> {
  readonly page: OffsetPage<T>
  /** Index in `page.rows`, possibly outside the page. If `found` is false, index of the cursor's position. */
  readonly index: number
  readonly found: boolean
}

/** Finds rows by id near the last known position, because inserted and removed rows move the following rows. */
export class RowLocator<T> {
  readonly source: OffsetSource<T>

  constructor(source: OffsetSource<T>) {
    this.source = source
  }

  /** Reads `count` rows from `position` on. */
  async at(position: number, count = 1): Promise<RowPosition<T>> {
    const page = await this.#read(position, 0, count)
    return { page, index: position - page.start, found: true }
  }

  /** Finds `position` on the page of the preceding row. The index can be past the last row of the page. */
  async before(position: number): Promise<RowPosition<T>> {
    const previous = await this.at(position - 1)
    return { ...previous, index: previous.index + 1 }
  }

  /** Returns the position after the cursor's row. If the row is gone, returns the cursor's position. */
  async after(cursor: OffsetCursor, count: number): Promise<RowPosition<T>> {
    const position = await this.locate(cursor, 0, count)
    return position.found ? { ...position, index: position.index + 1 } : position
  }

  /** Finds the position after the last row. The read page contains up to `count` rows before the position. */
  async end(count: number): Promise<RowPosition<T>> {
    let total = await this.source.total()
    let following = 1
    for (let attempt = 1; ; attempt++) {
      const preceding = Math.min(Math.max(1, count), total)
      // Requests the row at position `total` too. If `total` is correct, the row does not exist, and `atEnd` is true.
      const page = await this.#read(total, preceding, following)
      const isEnd = page.atEnd && (page.rows.length > 0 || page.start === 0)
      if (isEnd || attempt === MAX_END_ATTEMPTS) return { page, index: page.rows.length, found: true }
      // If a page starts exactly at the end of the list, the page is empty: read the previous page.
      if (page.rows.length === 0 && page.start === total) {
        const last = await this.before(total)
        if (last.page.rows.length > 0) return last
      }
      const maxFollowing = Math.max(1, Math.floor(this.source.maxPageSize / 2))
      // The page is empty if `total` was too high. Counts the rows also if `total` was too low by more than a page.
      const mustRecount = page.rows.length === 0 || following >= maxFollowing
      total = mustRecount ? await this.source.recount() : page.start + page.rows.length
      // Rows may be added before each read, so that a page with a single following row might never reach the end.
      following = Math.min(following * READ_GROWTH, maxFollowing)
    }
  }

  /**
   * Finds the cursor's row, at first in a page around the position of the cursor. If the row is gone, a row without a valid
   * identity at the position counts as the cursor's row, because the row may have lost its identity.
   */
  async locate(cursor: OffsetCursor, before: number, after: number): Promise<RowPosition<T>> {
    const page = await this.#read(cursor.position, before, 1 + after)
    const index = this.indexOf(page, cursor)
    const located = index === null ? await this.#search(cursor, page) : { page, index, found: true }
    const distance = located === null ? null : located.page.start + located.index - cursor.position
    if (distance !== 0) this.source.cursorDrifted(distance)
    return located ?? { page, index: cursor.position - page.start, found: this.#isUnidentified(page, cursor) }
  }

  /** Whether the row at the cursor's position has no valid identity. */
  #isUnidentified({ start, rows }: RowRange<T>, { position }: OffsetCursor): boolean {
    const row = rows[position - start]
    return row !== undefined && isUnreliable(this.source.idOf(row))
  }

  /** Searches nearby rows first, then pages of maximum size on both sides, until a limit is reached. */
  async #search(cursor: OffsetCursor, readPage: OffsetPage<T>): Promise<RowPosition<T> | null> {
    if (cursor.id === '-') return null
    let centre = cursor.position
    if (readPage.rows.length === 0) {
      const total = await this.source.total()
      if (total === 0) return null
      centre = Math.min(centre, total - 1)
    }
    const nearbyPage = await this.#read(centre, NEARBY_ROWS, NEARBY_ROWS + 1)
    const nearbyIndex = this.indexOf(nearbyPage, cursor)
    if (nearbyIndex !== null) return { page: nearbyPage, index: nearbyIndex, found: true }

    const size = this.source.maxPageSize
    const centrePage = Math.floor(centre / size)
    let reachedEnd = false
    const maxDistance = Math.min(MAX_SEARCH_PAGES, Math.floor(MAX_SEARCH_ROWS / size))
    for (let distance = 0; distance <= maxDistance; distance++) {
      for (const number of distance === 0 ? [centrePage] : [centrePage + distance, centrePage - distance]) {
        if (number < 0 || (reachedEnd && number > centrePage)) continue
        if (!this.source.tryConsumeSearchPage()) return null
        const page = await this.source.read({ page: number, size })
        // If `maxPageSize` has decreased, page numbers refer to smaller pages: restart the search.
        if (this.source.maxPageSize < size) return this.#search(cursor, readPage)
        const index = this.indexOf(page, cursor)
        if (index !== null) return { page, index, found: true }
        if (page.atEnd) reachedEnd = true
      }
    }
    return null
  }

  /**
   * Returns the index of the cursor's row in `range.rows`, or null. Checks the cursor's position first. If the cursor's
   * row had no valid identity, any such row at the position counts as the cursor's row, so that paging advances.
   */
  indexOf(range: RowRange<T>, cursor: OffsetCursor): number | null {
    const expectedIndex = cursor.position - range.start
    const expected = range.rows[expectedIndex]
    if (expected !== undefined && this.source.idOf(expected) === cursor.id) return expectedIndex
    if (isUnreliable(cursor.id) && this.#isUnidentified(range, cursor)) return expectedIndex
    if (cursor.id === '-') return null
    const index = range.rows.findIndex(row => this.source.idOf(row) === cursor.id)
    return index < 0 ? null : index
  }

  /** Reads `before` rows before `position` and `after` rows from `position` on. If too many, halves both numbers. */
  async #read(position: number, before: number, after: number): Promise<OffsetPage<T>> {
    for (;;) {
      const maxSize = this.source.maxPageSize
      const page = await this.source.read(largestCoveringPage(position, before, after, maxSize))
      // If `maxPageSize` has decreased, the page starts at a wrong row: repeat the read with the smaller maximum.
      if (this.source.maxPageSize >= maxSize) return page
    }
  }
}

function largestCoveringPage(position: number, before: number, after: number, maxSize: number): OffsetPageRequest {
  const offset = Math.max(0, position - before)
  const page = coveringPage(offset, position - offset + after, maxSize)
  if (page !== null) return page
  return before + after <= 2
    ? { page: Math.floor(position / maxSize), size: maxSize }
    : largestCoveringPage(position, Math.floor(before / 2), Math.max(1, Math.ceil(after / 2)), maxSize)
}

/** Returns the smallest page that contains `count` rows from row `offset` on; null if `maxSize` is too small. */
export function coveringPage(offset: number, count: number, maxSize: number): OffsetPageRequest | null {
  for (let size = Math.max(1, count); size <= maxSize; ) {
    const page = Math.floor(offset / size)
    const missing = offset + count - (page + 1) * size
    if (missing <= 0) return { page, size }
    // If `size` grows by 1, the end of the page moves by `page + 1` rows, because all preceding pages grow too.
    size += Math.ceil(missing / (page + 1))
  }
  return null
}
