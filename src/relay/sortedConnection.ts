import { Connection, type ConnectionPage, type ConnectionWindow, decodeCursors } from './connection.ts'
import { compareKeys, decodeKeyCursor, encodeKeyCursor, type SortKey } from './cursor.ts'

export interface SortOrder<T> {
  /** Identifies the sorted list. Called only to encode and decode cursors. */
  readonly fingerprint: () => string
  /** Returns the sort key of a row. Keys are unique within the list. */
  readonly keyOf: (row: T) => SortKey
  /** Shows the number and types of the parts of a valid key. */
  readonly sampleKey: SortKey
  readonly descending?: boolean
}

export function sortByKey<T>(rows: readonly T[], order: Omit<SortOrder<T>, 'fingerprint'>): readonly T[] {
  const sign = order.descending ? -1 : 1
  return rows
    .map(row => ({ row, key: order.keyOf(row) }))
    .sort((a, b) => sign * compareKeys(a.key, b.key))
    .map(({ row }) => row)
}

type KeyWindow = ConnectionWindow<SortKey>

export function parseKeyWindow<T>(window: ConnectionWindow, order: SortOrder<T>): KeyWindow {
  return decodeCursors(window, (cursor, argument) =>
    decodeKeyCursor(cursor, order.fingerprint(), argument, order.sampleKey),
  )
}

/** `rows` returns the whole list in the given order. `total` can count the rows without reading all rows. */
export function sortedConnection<T>(
  window: ConnectionWindow,
  order: SortOrder<T>,
  rows: () => Promise<readonly T[]>,
  total: () => Promise<number>,
): Connection<T> {
  const keyWindow = parseKeyWindow(window, order)
  return new Connection({ window, page: async () => sliceByKey(await rows(), keyWindow, order), totalCount: total })
}

/** Cursors contain sort keys instead of positions, so added or removed rows never cause duplicates or gaps. */
export function sliceByKey<T>(sorted: readonly T[], window: KeyWindow, order: SortOrder<T>): ConnectionPage<T> {
  const { after, before } = window
  const sign = order.descending ? -1 : 1
  const indexBeyond = (key: SortKey, inclusive: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = sorted[middle]
      const comparison = row === undefined ? 0 : sign * compareKeys(order.keyOf(row), key)
      if (comparison < 0 || (comparison === 0 && !inclusive)) low = middle + 1
      else high = middle
    }
    return low
  }
  const from = after === null ? 0 : indexBeyond(after, false)
  const to = Math.max(from, before === null ? sorted.length : indexBeyond(before, true))
  const start = window.direction === 'forward' ? from : Math.max(from, to - window.size)
  const end = window.direction === 'forward' ? Math.min(to, from + window.size) : to
  let fingerprint: string | undefined
  return {
    nodes: sorted.slice(start, end),
    cursorAt: index => {
      const node = sorted[start + index] as T
      fingerprint ??= order.fingerprint()
      return encodeKeyCursor(fingerprint, order.keyOf(node))
    },
    hasNextPage: end < sorted.length,
    hasPreviousPage: start > 0,
  }
}
