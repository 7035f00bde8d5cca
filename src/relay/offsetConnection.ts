import type { ConnectionPage } from './connection.ts'
import { type Anchor, anchorCursor, anchorOf } from './cursor.ts'
import type { OffsetSource } from './offsetSource.ts'
import { type Place, PlaceFinder, type Run } from './rowLocator.ts'
import type { Window } from './connectionArgs.ts'

/** A page of one list: its cursors parsed, and so known to be of this list, before anything is read. */
export interface AnchoredWindow {
  readonly from: 'front' | 'back'
  readonly size: number
  readonly after: Anchor | null
  readonly before: Anchor | null
  readonly fingerprint: string
}

export const anchoredWindow = (window: Window, fingerprint: string): AnchoredWindow => ({
  ...window,
  after: window.after === null ? null : anchorOf(window.after, fingerprint, 'after'),
  before: window.before === null ? null : anchorOf(window.before, fingerprint, 'before'),
  fingerprint,
})

/**
 * Reads one page of a connection from a page/offset list.
 *
 * What is read begins at the cursor's own row: where that row still stands at its position, what follows it is the
 * page; where it does not, it is looked for first. So rows that were inserted or removed elsewhere since the cursor was
 * issued make nothing appear twice and nothing be skipped. Whether a neighbouring page exists is known from rows that
 * were seen, never from a total that was told.
 */
export const pageByAnchor = async <T>(
  source: OffsetSource<T>,
  { from, size, after, before, fingerprint }: AnchoredWindow,
): Promise<ConnectionPage<T>> => {
  const pages = new OffsetPages(source)
  const slice = from === 'front' ? await pages.front(size, after, before) : await pages.back(size, after, before)
  return {
    nodes: slice.rows,
    cursorAt: index => {
      const node = slice.rows[index]
      if (node === undefined) throw new RangeError('There is no such node on this page.')
      return anchorCursor(fingerprint, { position: slice.start + index, id: source.idOf(node) })
    },
    hasNextPage: slice.hasNextPage,
    hasPreviousPage: slice.hasPreviousPage,
  }
}

interface Slice<T> extends Run<T> {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

class OffsetPages<T> {
  readonly #source: OffsetSource<T>
  readonly #places: PlaceFinder<T>

  constructor(source: OffsetSource<T>) {
    this.#source = source
    this.#places = new PlaceFinder(source)
  }

  /** The first `size` rows of what lies between the cursors. */
  async front(size: number, after: Anchor | null, before: Anchor | null): Promise<Slice<T>> {
    // One row more than is shown tells whether there is a next page.
    const wanted = size + 1
    const upToBefore = before === null ? wanted : Math.max(1, before.position - (after?.position ?? -1))
    let run = await this.#following(after, Math.min(wanted, upToBefore))
    let end = before === null ? null : await this.#cutFront(run, before)
    if (before !== null && end === null && run.rows.length < wanted && !run.atEnd) {
      run = await this.#following(after, wanted)
      end = await this.#cutFront(run, before)
    }
    const rows = run.rows.slice(0, Math.min(size, end ?? size))
    return {
      start: run.start,
      rows,
      hasNextPage: run.rows.length > rows.length,
      hasPreviousPage: run.start > 0 && (run.rows.length > 0 || run.sawRows || (await this.#places.hasRows())),
    }
  }

  /** The last `size` rows of what lies between the cursors. */
  async back(size: number, after: Anchor | null, before: Anchor | null): Promise<Slice<T>> {
    const downToAfter = before === null || after === null ? size : Math.max(0, before.position - after.position)
    let run = await this.#preceding(before, Math.min(size, downToAfter))
    let begin = after === null ? null : await this.#cutBack(run, after)
    if (after !== null && begin === null && run.rows.length < size && run.start > 0) {
      run = await this.#preceding(before, size)
      begin = await this.#cutBack(run, after)
    }
    const skipped = Math.max(begin ?? 0, run.rows.length - size)
    const rows = run.rows.slice(skipped)
    return {
      start: run.start + skipped,
      rows,
      hasNextPage: run.hasNextPage,
      hasPreviousPage:
        run.start + skipped > 0 && (run.rows.length > 0 || run.hasNextPage || (await this.#places.hasRows())),
    }
  }

  /** Up to `count` rows after the anchor; fewer only where the list ends. */
  async #following(after: Anchor | null, count: number): Promise<Run<T> & { atEnd: boolean; sawRows: boolean }> {
    let { segment, index } = after === null ? await this.#places.front(count) : await this.#places.after(after, count)
    const start = segment.start + index
    const sawRows = segment.rows.length > 0
    const rows = segment.rows.slice(index)
    while (rows.length < count && !segment.atEnd) {
      const last = segment.rows.at(-1)
      if (last === undefined) break
      const anchor = { position: segment.start + segment.rows.length - 1, id: this.#source.idOf(last) }
      let place = await this.#places.after(anchor, count - rows.length)
      // Found elsewhere, with nothing after it on that page: read again from where it stands now.
      for (let tries = 0; tries < 3 && isLastOf(place); tries++) {
        const position = place.segment.start + place.index - 1
        place = await this.#places.after({ position, id: anchor.id }, count - rows.length)
      }
      // No page of a very small bound may hold both the last row and the next: then that one is read without it.
      if (isLastOf(place)) place = await this.#places.at(place.segment.start + place.index)
      ;({ segment, index } = place)
      rows.push(...segment.rows.slice(index))
    }
    return { start, rows: rows.slice(0, count), atEnd: segment.atEnd && rows.length <= count, sawRows }
  }

  /** Up to `count` rows before the anchor, or the end of the list; fewer only where the list begins. */
  async #preceding(before: Anchor | null, count: number): Promise<Run<T> & { hasNextPage: boolean }> {
    const place = before === null ? await this.#places.end(count) : await this.#places.locate(before, count, 0)
    // A position past the end without its row: what precedes it is the end of the list.
    if (before !== null && !place.found && place.index > place.segment.rows.length) return this.#preceding(null, count)
    let { segment } = place
    const hasNextPage = place.index < segment.rows.length
    let rows = segment.rows.slice(0, place.index)
    while (rows.length < count && segment.start > 0) {
      const first = segment.rows[0]
      if (first === undefined) break
      const id = this.#source.idOf(first)
      let at = await this.#places.locate({ position: segment.start, id }, count - rows.length, 0)
      for (let tries = 0; tries < 3 && at.index === 0 && at.segment.start > 0; tries++) {
        at = await this.#places.locate({ position: at.segment.start, id }, count - rows.length, 0)
      }
      const place = at.index > 0 || at.segment.start === 0 ? at : await this.#places.upTo(at.segment.start)
      segment = place.segment
      rows = [...segment.rows.slice(0, place.index), ...rows]
    }
    return { start: segment.start, rows, hasNextPage }
  }

  /** Where in `run` the row of `before` stands, so that it ends there; null when that row comes later. */
  async #cutFront(run: Run<T> & { atEnd: boolean }, before: Anchor): Promise<number | null> {
    const index = this.#places.indexOf(run, before)
    if (index !== null) return index
    const end = run.start + run.rows.length
    if (before.position >= end && !run.atEnd) return null
    const place = await this.#places.locate(before, 0, 0)
    const position = place.segment.start + place.index
    return position >= end ? null : Math.max(0, position - run.start)
  }

  /** How many rows of `run` stand up to and with that of `after`; null when that row comes earlier. */
  async #cutBack(run: Run<T>, after: Anchor): Promise<number | null> {
    const index = this.#places.indexOf(run, after)
    if (index !== null) return index + 1
    if (after.position < run.start) return null
    const place = await this.#places.locate(after, 0, 0)
    const position = place.segment.start + place.index
    if (position < run.start) return null
    return Math.min(run.rows.length, position - run.start + (place.found ? 1 : 0))
  }
}

/** Whether the list goes on after a place, but not on the page that was read. */
const isLastOf = ({ segment, index }: Place<unknown>): boolean => index === segment.rows.length && !segment.atEnd
