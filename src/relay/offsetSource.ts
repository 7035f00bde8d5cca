import type { Anchor } from './cursor.ts'
import type { PageRequest } from './connectionArgs.ts'

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
