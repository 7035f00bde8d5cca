/** A total order: 0 means the same row. */
type Compare<Row> = (one: Row, other: Row) => number

/** Keeps rows sorted, so that a page is a slice and no request has to sort. */
class SortedRows<Row> {
  readonly #compare: Compare<Row>
  readonly #rows: Row[]

  constructor(compare: Compare<Row>, rows: Row[] = []) {
    this.#compare = compare
    this.#rows = rows.sort(compare)
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  add(row: Row): void {
    this.#rows.splice(this.#indexOf(row), 0, row)
  }

  delete(row: Row): void {
    const index = this.#indexOf(row)
    if (this.#rows[index] === row) this.#rows.splice(index, 1)
  }

  #indexOf(row: Row): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const candidate = this.#rows[middle]
      if (candidate !== undefined && this.#compare(candidate, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const NO_ROWS: readonly never[] = []

/** Keeps a sorted list for each key. Rows with a null key are left out. */
export class SortedIndex<Row> {
  readonly #keyOf: (row: Row) => string | null
  readonly #compare: Compare<Row>
  readonly #groups = new Map<string, SortedRows<Row>>()

  constructor(keyOf: (row: Row) => string | null, compare: Compare<Row>, rows: Iterable<Row>) {
    this.#keyOf = keyOf
    this.#compare = compare
    for (const [key, group] of Map.groupBy(rows, keyOf)) {
      if (key !== null) this.#groups.set(key, new SortedRows(compare, group))
    }
  }

  rowsOf(key: string): readonly Row[] {
    return this.#groups.get(key)?.rows ?? NO_ROWS
  }

  add(row: Row): void {
    const key = this.#keyOf(row)
    if (key === null) return
    const group = this.#groups.get(key) ?? new SortedRows(this.#compare)
    this.#groups.set(key, group)
    group.add(row)
  }

  delete(row: Row): void {
    const key = this.#keyOf(row)
    if (key !== null) this.#groups.get(key)?.delete(row)
  }
}
