import type { OffsetPageRequest } from './connectionArgs.ts'
import type { OffsetCursor } from './cursor.ts'

export interface OffsetPage<T> {
  /** Position of the first row, from 0. */
  readonly start: number
  readonly rows: readonly T[]
  readonly atEnd: boolean
}

/** A list of a page/offset API in upstream order. New rows may appear at any position. */
export interface OffsetSource<T> {
  /**
   * Maximum rows per page. Decreases if a read shows that the server sends fewer rows. The page of this read starts at
   * page number × new maximum, which can differ from the requested row.
   */
  readonly maxPageSize: number
  readonly idOf: (row: T) => string
  /** Returns a page without rows past the end of the list. */
  read(request: OffsetPageRequest): Promise<OffsetPage<T>>
  /** Length of the list, possibly outdated. */
  total(): Promise<number>
  /** Counts the rows of the list. Called after `total` proved wrong. */
  recount(): Promise<number>
  /** Called if a cursor's row is now `distance` rows after the cursor's position, or was not found (`null`). */
  cursorDrifted(cursor: OffsetCursor, distance: number | null): void
}
