import type { Anchor } from './cursor.ts'
import type { OffsetSource, Segment } from './offsetSource.ts'
import { coveringPage, type PageRequest } from './connectionArgs.ts'

/** How far from its cursor's position a row is looked for: a little way at first, then up to the bound. Rows. */
const NEIGHBOURHOOD = 50
const SEARCH_BOUND = 10_000
/** The same in pages, one after another: where a server shortens them, the rows would take hundreds. To each side. */
const SEARCH_PAGES = 10

/** How often the end of a list is looked for that keeps growing or shrinking meanwhile. */
const END_TRIES = 20

/** Consecutive rows of the list, `rows[0]` at `start`. */
export interface Run<T> {
  readonly start: number
  readonly rows: readonly T[]
}

export interface Place<T> {
  readonly segment: Segment<T>
  /** Of the anchor's row in the segment; or, where it was not found, of the position that it had. */
  readonly index: number
  readonly found: boolean
}

/** Finds places in a page/offset list whose rows may have moved since they were last seen. */
export class PlaceFinder<T> {
  readonly #source: OffsetSource<T>

  constructor(source: OffsetSource<T>) {
    this.#source = source
  }

  async front(count: number): Promise<Place<T>> {
    return { segment: await this.#read(0, 0, count), index: 0, found: true }
  }

  /** The place of a position, whatever stands there. */
  async at(position: number): Promise<Place<T>> {
    const segment = await this.#read(position, 0, 1)
    return { segment, index: position - segment.start, found: true }
  }

  /** The place right after the row before a position. */
  async upTo(position: number): Promise<Place<T>> {
    const place = await this.at(position - 1)
    return { ...place, index: place.index + 1 }
  }

  /** The place right after the anchor's row; where that row is gone, what moved up to its position comes next. */
  async after(anchor: Anchor, count: number): Promise<Place<T>> {
    const place = await this.locate(anchor, 0, count)
    return place.found ? { ...place, index: place.index + 1 } : place
  }

  /** The place after the last row, with up to `count` rows before it in the segment. */
  async end(count: number): Promise<Place<T>> {
    let total = await this.#source.total()
    for (let tries = 1; ; tries++) {
      const behind = Math.min(Math.max(1, count), total)
      // Reaching past the last row makes the page come back short, and a short page is the end.
      const segment = await this.#read(total, behind, 1)
      const end = segment.start + segment.rows.length
      const isEnd = segment.atEnd && (segment.rows.length > 0 || segment.start === 0)
      if (isEnd || tries === END_TRIES) return { segment, index: segment.rows.length, found: true }
      // No page of a very small bound may hold both the last row and what is not there.
      if (segment.rows.length === 0 && segment.start === total) {
        const last = await this.upTo(total)
        if (last.segment.rows.length > 0) return last
      }
      // The list grew, or was never that long: the rows say so.
      total = segment.rows.length === 0 ? await this.#source.recount() : end + 2 ** tries
    }
  }

  /** Finds the row of an anchor, reading up to so many rows around it along with it. */
  async locate(anchor: Anchor, before: number, after: number): Promise<Place<T>> {
    const segment = await this.#read(anchor.position, before, 1 + after)
    const index = this.indexOf(segment, anchor)
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

  /** Looks for a row on both sides of the position that it had: nearby, then in large pages up to the bounds. */
  async #search(anchor: Anchor, read: Segment<T>): Promise<Place<T> | null> {
    let centre = anchor.position
    if (read.rows.length === 0) {
      const total = await this.#source.total()
      if (total === 0) return null
      centre = Math.min(centre, total - 1)
    }
    const near = await this.#read(centre, NEIGHBOURHOOD, NEIGHBOURHOOD + 1)
    const index = this.indexOf(near, anchor)
    if (index !== null) return { segment: near, index, found: true }

    const size = this.#source.maximumPageSize
    const home = Math.floor(centre / size)
    let ended = false
    const furthest = Math.min(SEARCH_PAGES, Math.floor(SEARCH_BOUND / size))
    for (let distance = 0; distance <= furthest; distance++) {
      for (const page of distance === 0 ? [home] : [home + distance, home - distance]) {
        if (page < 0 || (ended && page > home)) continue
        const segment = await this.#source.read({ page, size })
        // The server shortened the page: with the size that is known now, others are near.
        if (this.#source.maximumPageSize < size) return this.#search(anchor, read)
        const found = this.indexOf(segment, anchor)
        if (found !== null) return { segment, index: found, found: true }
        if (segment.atEnd) ended = true
      }
    }
    return null
  }

  /** Where in `run` the row of an anchor stands, its position tried first; null when it does not. */
  indexOf(run: Run<T>, anchor: Anchor): number | null {
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

  async hasRows(): Promise<boolean> {
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
