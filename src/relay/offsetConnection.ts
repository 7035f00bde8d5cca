import { Connection, type ConnectionPage, type ConnectionWindow, decodeCursors } from './connection.ts'
import { decodeOffsetCursor, encodeOffsetCursor, type OffsetCursor } from './cursor.ts'
import { type OffsetSource, READ_GROWTH, RowLocator, type RowPosition, type RowRange } from './rowLocator.ts'

export type OffsetWindow = ConnectionWindow<OffsetCursor> & { readonly fingerprint: string }

/** A connection of a list in upstream order. Throws `BAD_USER_INPUT` for cursors of a different list. */
export function offsetConnection<T>(source: OffsetSource<T>, window: ConnectionWindow, fingerprint: string) {
  const decoded = decodeCursors(window, (cursor, argument) => decodeOffsetCursor(cursor, fingerprint, argument))
  const page = () => readOffsetPage(source, { ...decoded, fingerprint })
  return new Connection({ window, page, totalCount: () => source.total() })
}

/**
 * Each read includes the cursor's row. If the row has moved, the gateway searches the row and continues from the new
 * position, so that inserted and removed rows cause neither duplicates nor gaps. `hasNextPage` and `hasPreviousPage`
 * depend on the read rows, never on a reported total, because the total may be wrong.
 */
export async function readOffsetPage<T>(source: OffsetSource<T>, window: OffsetWindow): Promise<ConnectionPage<T>> {
  const { direction, fingerprint } = window
  const reader = new WindowReader(source)
  const slice = direction === 'forward' ? await reader.forward(window) : await reader.backward(window)
  return {
    nodes: slice.rows,
    cursorAt: index => {
      const node = slice.rows[index] as T
      return encodeOffsetCursor(fingerprint, { position: slice.start + index, id: source.idOf(node) })
    },
    hasNextPage: slice.hasNextPage,
    hasPreviousPage: slice.start > 0 && (slice.sawRows || (await reader.listHasRows())),
  }
}

/** Maximum number of repeated reads if rows are added or removed between the reads of a page. */
const MAX_REPEATED_READS = 3

interface WindowSlice<T> extends RowRange<T> {
  readonly hasNextPage: boolean
  /** Whether a read returned rows of the list, possibly outside the window. */
  readonly sawRows: boolean
}

class WindowReader<T> {
  readonly #locator: RowLocator<T>

  constructor(source: OffsetSource<T>) {
    this.#locator = new RowLocator(source)
  }

  /** Reads `count` rows at first. One row after the page, or the row of `before`, determines `hasNextPage`. */
  async forward(window: OffsetWindow, count = Math.min(window.size + 1, distance(window))): Promise<WindowSlice<T>> {
    const { size, after, before } = window
    const range = await this.#rowsAfter(after, count)
    let end = size
    if (before !== null) {
      const isBeyond = before.position >= range.start + range.rows.length && !range.atEnd
      const cursor = await this.#offsetIn(range, before, isBeyond)
      if (cursor !== null) end = Math.max(0, Math.min(size, cursor.offset))
    }
    // If one of the rows of the cursors has moved, the rows between the cursors can be more than `count`.
    if (count <= size && end >= range.rows.length && !range.atEnd) return this.forward(window, size + 1)
    const rows = range.rows.slice(0, end)
    return { start: range.start, rows, hasNextPage: range.rows.length > rows.length, sawRows: range.sawRows }
  }

  /** Reads `count` rows at first. */
  async backward(window: OffsetWindow, count = Math.min(window.size, distance(window))): Promise<WindowSlice<T>> {
    const { size, after, before } = window
    const range = await this.#rowsBefore(before, count)
    const cursor = after && (await this.#offsetIn(range, after, after.position < range.start))
    const begin = cursor === null ? -1 : cursor.offset + (cursor.isFound ? 1 : 0)
    if (count < size && begin < 0 && range.start > 0) return this.backward(window, size)
    const skipped = Math.max(0, range.rows.length - size, Math.min(range.rows.length, begin))
    const { hasNextPage } = range
    const sawRows = range.rows.length > 0 || hasNextPage
    return { start: range.start + skipped, rows: range.rows.slice(skipped), hasNextPage, sawRows }
  }

  async listHasRows(): Promise<boolean> {
    return (await this.#locator.at(0)).page.rows.length > 0
  }

  /** Reads up to `count` rows after the cursor. If `after` is null, reads from the start of the list. */
  async #rowsAfter(after: OffsetCursor | null, count: number) {
    let { page, index } = after === null ? await this.#locator.at(0, count) : await this.#locator.after(after, count)
    const start = page.start + index
    const sawRows = page.rows.length > 0
    const rows = page.rows.slice(index)
    while (rows.length < count && !page.atEnd) {
      const last = page.rows.at(-1)
      if (last === undefined) break
      const lastCursor = { position: page.start + page.rows.length - 1, id: this.#locator.source.idOf(last) }
      let next = await this.#locator.after(lastCursor, count - rows.length)
      // If page `next` has no row after the row of `lastCursor`, rows were added: read again, with more rows each time.
      for (let tries = 1; tries <= MAX_REPEATED_READS && isPageExhausted(next); tries++) {
        const position = next.page.start + next.index - 1
        next = await this.#locator.after({ position, id: lastCursor.id }, count - rows.length + READ_GROWTH ** tries)
      }
      // If the repeated reads found no further row, read the following page by position.
      if (isPageExhausted(next)) next = await this.#locator.at(next.page.start + next.index)
      ;({ page, index } = next)
      rows.push(...page.rows.slice(index))
    }
    return { start, rows: rows.slice(0, count), atEnd: page.atEnd && rows.length <= count, sawRows }
  }

  /** Reads up to `count` rows before the cursor. If `before` is null, reads the last rows of the list. */
  async #rowsBefore(before: OffsetCursor | null, count: number): Promise<RowRange<T> & { hasNextPage: boolean }> {
    const found = before === null ? await this.#locator.end(count) : await this.#locator.locate(before, count, 0)
    // If the cursor's row is gone and the list ends before the cursor's position, read the last rows of the list.
    if (before !== null && !found.found && found.index > found.page.rows.length) return this.#rowsBefore(null, count)
    let { page } = found
    const hasNextPage = found.index < page.rows.length
    let rows = page.rows.slice(0, found.index)
    while (rows.length < count && page.start > 0) {
      const first = page.rows[0]
      if (first === undefined) break
      const id = this.#locator.source.idOf(first)
      let at = await this.#locator.locate({ position: page.start, id }, count - rows.length, 0)
      // If the page has no row before the known row, rows were removed: read again, with more rows each time.
      for (let tries = 1; tries <= MAX_REPEATED_READS && at.index === 0 && at.page.start > 0; tries++) {
        const preceding = count - rows.length + READ_GROWTH ** tries
        at = await this.#locator.locate({ position: at.page.start, id }, preceding, 0)
      }
      const previous = at.index > 0 || at.page.start === 0 ? at : await this.#locator.before(at.page.start)
      page = previous.page
      rows = [...page.rows.slice(0, previous.index), ...rows]
    }
    return { start: page.start, rows, hasNextPage }
  }

  /**
   * Returns the offset of the cursor's row, or of the cursor's position, from the first row of `range`. If the row is not
   * in the range and `isOutside` is true, returns null without a search.
   */
  async #offsetIn(range: RowRange<T>, cursor: OffsetCursor, isOutside: boolean) {
    const index = this.#locator.indexOf(range, cursor)
    if (index !== null) return { offset: index, isFound: true }
    if (isOutside) return null
    const located = await this.#locator.locate(cursor, 0, 0)
    return { offset: located.page.start + located.index - range.start, isFound: located.found }
  }
}

/** Number of rows after `after`, up to and including the row of `before`, if neither row has moved. At least 1. */
function distance({ after, before }: OffsetWindow): number {
  return before === null ? Number.POSITIVE_INFINITY : Math.max(1, before.position - (after?.position ?? -1))
}

/** True if the position directly follows the last row of the page, and the list may have more rows. */
function isPageExhausted({ page, index }: RowPosition<unknown>): boolean {
  return index === page.rows.length && !page.atEnd
}
