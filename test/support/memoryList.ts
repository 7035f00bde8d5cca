import type { Anchor } from '../../src/relay/cursor.ts'
import type { OffsetSource, Segment } from '../../src/relay/offsetSource.ts'
import type { PageRequest } from '../../src/relay/connectionArgs.ts'

/** A page/offset list over an array that may change between any two reads. Counts what it is asked for. */
export class MemoryList implements OffsetSource<string> {
  rows: string[]
  maximumPageSize: number
  /** What a larger page is shortened to. */
  cap = Number.POSITIVE_INFINITY
  readonly requests: PageRequest[] = []
  readonly moves: (number | null)[] = []
  totals = 0
  /** What happens to the list just before each read. */
  beforeRead: () => void = () => undefined
  /** What `total` says instead of the truth. */
  rumour: number | null = null

  constructor(rows: readonly string[], maximumPageSize = 1_000) {
    this.rows = [...rows]
    this.maximumPageSize = maximumPageSize
  }

  idOf(row: string): string {
    return row
  }

  async read(request: PageRequest): Promise<Segment<string>> {
    if (this.requests.push(request) > 50_000) throw new Error('This many reads do not come to an end.')
    this.beforeRead()
    const size = Math.min(request.size, this.cap)
    if (size < request.size) this.maximumPageSize = size
    const start = request.page * size
    const rows = this.rows.slice(start, start + size)
    return { start, rows, atEnd: rows.length < size }
  }

  async total(): Promise<number> {
    this.totals++
    return this.rumour ?? this.rows.length
  }

  async recount(): Promise<number> {
    return this.rows.length
  }

  anchorMoved(_anchor: Anchor, distance: number | null): void {
    this.moves.push(distance)
  }
}

/** `r0`, `r1` and so on. */
export const rowsNamed = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`)
