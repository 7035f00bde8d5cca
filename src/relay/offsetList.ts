import type { ConnectionPage } from './connection.ts'
import { type Anchor, anchorCursor, anchorOf } from './cursor.ts'
import { coveringPage, type PageRequest, type Window } from './window.ts'

/** Rows as they stand in a list, from position `start` on. `atEnd` when the list has none after them. */
export interface Segment<T> {
  readonly start: number
  readonly rows: readonly T[]
  readonly atEnd: boolean
}

/** A list behind a page/offset API, in an order of its own that new rows may enter anywhere. */
export interface OffsetSource<T> {
  /** The largest page that may be asked for. A read may lower it: then it answers with other rows than were asked. */
  readonly maximumPageSize: number
  readonly idOf: (row: T) => string
  /** A page past the end is a segment without rows, not an error. */
  read(request: PageRequest): Promise<Segment<T>>
  /** How many rows there are, by the cheapest means that can be believed. */
  total(): Promise<number>
  /** How many rows there are, counted by looking where rows are: for when `total` turned out to be wrong. */
  recount(): Promise<number>
  /** Told when a cursor's row was found elsewhere (`distance` rows off), or not at all (`null`). */
  anchorMoved(anchor: Anchor, distance: number | null): void
}

/** How far from its cursor's position a row is looked for: a little way at first, then up to the bound. Rows. */
const NEIGHBOURHOOD = 50
const SEARCH_BOUND = 10_000

/** Consecutive rows of the list, `rows[0]` at `start`. */
interface Run<T> {
  readonly start: number
  readonly rows: readonly T[]
}

interface Place<T> {
  readonly segment: Segment<T>
  /** Of the anchor's row in the segment; or, where it was not found, of the position that it had. */
  readonly index: number
  readonly found: boolean
}

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
  const reader = new OffsetReader(source)
  const slice = from === 'front' ? await reader.front(size, after, before) : await reader.back(size, after, before)
  return {
    edges: slice.rows.map((node, i) => ({
      cursor: anchorCursor(fingerprint, { position: slice.start + i, id: source.idOf(node) }),
      node,
    })),
    hasNextPage: slice.hasNextPage,
    hasPreviousPage: slice.hasPreviousPage,
  }
}

interface Slice<T> extends Run<T> {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

class OffsetReader<T> {
  readonly #source: OffsetSource<T>

  constructor(source: OffsetSource<T>) {
    this.#source = source
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
      hasPreviousPage: run.start > 0 && (run.rows.length > 0 || run.sawRows || (await this.#hasRows())),
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
      hasPreviousPage: run.start + skipped > 0 && (run.rows.length > 0 || run.hasNextPage || (await this.#hasRows())),
    }
  }

  /** Up to `count` rows after the anchor; fewer only where the list ends. */
  async #following(after: Anchor | null, count: number): Promise<Run<T> & { atEnd: boolean; sawRows: boolean }> {
    let { segment, index } = after === null ? await this.#front(count) : await this.#after(after, count)
    const start = segment.start + index
    const sawRows = segment.rows.length > 0
    const rows = segment.rows.slice(index)
    while (rows.length < count && !segment.atEnd) {
      const last = segment.rows.at(-1)
      if (last === undefined) break
      const anchor = { position: segment.start + segment.rows.length - 1, id: this.#source.idOf(last) }
      ;({ segment, index } = await this.#after(anchor, count - rows.length))
      // No page of a very small bound may hold both the last row and the next: then that one is read without it.
      if (index === segment.rows.length && !segment.atEnd) {
        ;({ segment, index } = await this.#at(segment.start + index))
      }
      rows.push(...segment.rows.slice(index))
    }
    return { start, rows: rows.slice(0, count), atEnd: segment.atEnd && rows.length <= count, sawRows }
  }

  /** Up to `count` rows before the anchor, or the end of the list; fewer only where the list begins. */
  async #preceding(before: Anchor | null, count: number): Promise<Run<T> & { hasNextPage: boolean }> {
    const place = before === null ? await this.#end(count) : await this.#locate(before, count, 0)
    // A position past the end without its row: what precedes it is the end of the list.
    if (before !== null && !place.found && place.index > place.segment.rows.length) return this.#preceding(null, count)
    let { segment } = place
    const hasNextPage = place.index < segment.rows.length
    let rows = segment.rows.slice(0, place.index)
    while (rows.length < count && segment.start > 0) {
      const first = segment.rows[0]
      if (first === undefined) break
      const at = await this.#locate({ position: segment.start, id: this.#source.idOf(first) }, count - rows.length, 0)
      const place = at.index > 0 || at.segment.start === 0 ? at : await this.#upTo(at.segment.start)
      segment = place.segment
      rows = [...segment.rows.slice(0, place.index), ...rows]
    }
    return { start: segment.start, rows, hasNextPage }
  }

  /** Where in `run` the row of `before` stands, so that it ends there; null when that row comes later. */
  async #cutFront(run: Run<T> & { atEnd: boolean }, before: Anchor): Promise<number | null> {
    const index = this.#indexOf(run, before)
    if (index !== null) return index
    const end = run.start + run.rows.length
    if (before.position >= end && !run.atEnd) return null
    const place = await this.#locate(before, 0, 0)
    const position = place.segment.start + place.index
    return position >= end ? null : Math.max(0, position - run.start)
  }

  /** How many rows of `run` stand up to and with that of `after`; null when that row comes earlier. */
  async #cutBack(run: Run<T>, after: Anchor): Promise<number | null> {
    const index = this.#indexOf(run, after)
    if (index !== null) return index + 1
    if (after.position < run.start) return null
    const place = await this.#locate(after, 0, 0)
    const position = place.segment.start + place.index
    if (position < run.start) return null
    return Math.min(run.rows.length, position - run.start + (place.found ? 1 : 0))
  }

  async #front(count: number): Promise<Place<T>> {
    return { segment: await this.#read(0, 0, count), index: 0, found: true }
  }

  /** The place of a position, whatever stands there. */
  async #at(position: number): Promise<Place<T>> {
    const segment = await this.#read(position, 0, 1)
    return { segment, index: position - segment.start, found: true }
  }

  /** The place right after the row before a position. */
  async #upTo(position: number): Promise<Place<T>> {
    const place = await this.#at(position - 1)
    return { ...place, index: place.index + 1 }
  }

  /** The place right after the anchor's row; where that row is gone, what moved up to its position comes next. */
  async #after(anchor: Anchor, count: number): Promise<Place<T>> {
    const place = await this.#locate(anchor, 0, count)
    return place.found ? { ...place, index: place.index + 1 } : place
  }

  /** The place after the last row, with up to `count` rows before it in the segment. */
  async #end(count: number): Promise<Place<T>> {
    let total = await this.#source.total()
    for (let growth = 1; ; growth *= 2) {
      const behind = Math.min(Math.max(1, count), total)
      // Reaching past the last row makes the page come back short, and a short page is the end.
      const segment = await this.#read(total, behind, 1)
      const end = segment.start + segment.rows.length
      if (segment.atEnd && (segment.rows.length > 0 || segment.start === 0)) {
        return { segment, index: segment.rows.length, found: true }
      }
      // No page of a very small bound may hold both the last row and what is not there.
      if (segment.rows.length === 0 && segment.start === total) {
        const last = await this.#upTo(total)
        if (last.segment.rows.length > 0) return last
      }
      // The list grew, or was never that long: the rows say so.
      total = segment.rows.length === 0 ? await this.#source.recount() : end + growth
    }
  }

  /** Finds the row of an anchor, reading up to so many rows around it along with it. */
  async #locate(anchor: Anchor, before: number, after: number): Promise<Place<T>> {
    const segment = await this.#read(anchor.position, before, 1 + after)
    const index = this.#indexOf(segment, anchor)
    if (index !== null) {
      this.#report(anchor, segment.start + index)
      return { segment, index, found: true }
    }
    const place = await this.#search(anchor, segment)
    if (place !== null) {
      this.#report(anchor, place.segment.start + place.index)
      return place
    }
    this.#source.anchorMoved(anchor, null)
    return { segment, index: anchor.position - segment.start, found: false }
  }

  #report(anchor: Anchor, position: number): void {
    if (position !== anchor.position) this.#source.anchorMoved(anchor, position - anchor.position)
  }

  /** Looks for a row on both sides of the position that it had: nearby, then in large pages up to the bound. */
  async #search(anchor: Anchor, read: Segment<T>): Promise<Place<T> | null> {
    let centre = anchor.position
    if (read.rows.length === 0) {
      const total = await this.#source.total()
      if (total === 0) return null
      centre = Math.min(centre, total - 1)
    }
    const near = await this.#read(centre, NEIGHBOURHOOD, NEIGHBOURHOOD + 1)
    const index = this.#indexOf(near, anchor)
    if (index !== null) return { segment: near, index, found: true }

    const size = this.#source.maximumPageSize
    const home = Math.floor(centre / size)
    let ended = false
    for (let distance = 0; distance * size <= SEARCH_BOUND; distance++) {
      for (const page of distance === 0 ? [home] : [home + distance, home - distance]) {
        if (page < 0 || (ended && page > home)) continue
        const segment = await this.#source.read({ page, size })
        const found = this.#indexOf(segment, anchor)
        if (found !== null) return { segment, index: found, found: true }
        if (segment.atEnd) ended = true
      }
    }
    return null
  }

  #indexOf(run: Run<T>, anchor: Anchor): number | null {
    const expected = run.rows[anchor.position - run.start]
    if (expected !== undefined && this.#source.idOf(expected) === anchor.id) return anchor.position - run.start
    const index = run.rows.findIndex(row => this.#source.idOf(row) === anchor.id)
    return index < 0 ? null : index
  }

  /**
   * Reads the page that holds `before` rows before this position and `after` from it on; or, where no page may be so
   * large, as many as one can hold, but at least the row at the position and one beside it.
   */
  async #read(position: number, before: number, after: number): Promise<Segment<T>> {
    for (;;) {
      const maximum = this.#source.maximumPageSize
      const segment = await this.#source.read(largestPage(position, before, after, maximum))
      // A server that caps its pages answered with other rows; now that the cap is known, ask within it.
      if (this.#source.maximumPageSize >= maximum) return segment
    }
  }

  async #hasRows(): Promise<boolean> {
    return (await this.#read(0, 0, 1)).rows.length > 0
  }
}

const largestPage = (position: number, before: number, after: number, maximum: number): PageRequest => {
  const offset = Math.max(0, position - before)
  const page = coveringPage(offset, position - offset + after, maximum)
  if (page !== null) return page
  return before + after <= 2
    ? { page: Math.floor(position / maximum), size: maximum }
    : largestPage(position, Math.floor(before / 2), Math.max(1, Math.ceil(after / 2)), maximum)
}
