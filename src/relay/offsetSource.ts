import type { OffsetPageRequest } from './connectionArgs.ts'

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
  readonly idOf: (row: T) => string
  /** Returns an empty page if the requested page lies past the end of the list. */
  read(request: OffsetPageRequest): Promise<OffsetPage<T>>
  /** Length of the list, possibly outdated. */
  total(): Promise<number>
  /** Counts the rows of the list. Called after `total` proved wrong. */
  recount(): Promise<number>
  /** Called if a cursor's row has moved by `distance` rows. If the row was not found, `distance` is null. */
  cursorDrifted(distance: number | null): void
}
