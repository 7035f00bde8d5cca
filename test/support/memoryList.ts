import type { OffsetPage, OffsetPageRequest, OffsetSource } from '../../src/relay/rowLocator.ts'

/** An offset list over `rows`, which can change between reads. `requests` contains all requests. */
export class MemoryList implements OffsetSource<string> {
  rows: string[]
  maxPageSize: number
  /** Maximum number of rows per page, unknown at first: the first short page lowers `maxPageSize` to the cap. */
  pageSizeCap = Number.POSITIVE_INFINITY
  readonly requests: OffsetPageRequest[] = []
  readonly drifts: (number | null)[] = []
  totalReads = 0
  searchPages = Number.POSITIVE_INFINITY
  beforeRead: () => void = () => undefined
  reportedTotal: number | null = null

  constructor(rows: readonly string[], maxPageSize = 1_000) {
    this.rows = [...rows]
    this.maxPageSize = maxPageSize
  }

  idOf(row: string): string {
    return row
  }

  async read(request: OffsetPageRequest): Promise<OffsetPage<string>> {
    if (this.requests.push(request) > 50_000) throw new Error('The list was read more than 50,000 times: endless loop.')
    this.beforeRead()
    const size = Math.min(request.size, this.pageSizeCap)
    if (size < request.size) this.maxPageSize = size
    const start = request.page * size
    const rows = this.rows.slice(start, start + size)
    return { start, rows, atEnd: rows.length < size }
  }

  async total(): Promise<number> {
    this.totalReads++
    return this.reportedTotal ?? this.rows.length
  }

  async recount(): Promise<number> {
    return this.rows.length
  }

  tryConsumeSearchPage(): boolean {
    return this.searchPages-- > 0
  }

  cursorDrifted(distance: number | null): void {
    this.drifts.push(distance)
  }
}

/** The rows of the longest list so far. Kept, because property tests create thousands of lists. */
const longestRows: string[] = []

export function numberedRows(count: number): string[] {
  while (longestRows.length < count) longestRows.push(`r${longestRows.length}`)
  return longestRows.slice(0, count)
}
