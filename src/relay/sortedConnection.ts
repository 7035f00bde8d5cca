import type { ConnectionPage } from './connection.ts'
import type { ConnectionWindow } from './connectionArgs.ts'
import { compareKeys, decodeKeyCursor, encodeKeyCursor, type SortKey } from './cursor.ts'

export interface SortOrder<T> {
  /** Identifies the sorted list. Needed only to encode and decode cursors. */
  readonly fingerprint: string
  /** Returns the sort key of a row. Keys are unique within the list. */
  readonly keyOf: (row: T) => SortKey
  /** Shows the number and types of the parts of a valid key. */
  readonly sampleKey: SortKey
  readonly descending?: boolean
}

export function sortByKey<T>(rows: readonly T[], order: SortOrder<T>): readonly T[] {
  const sign = order.descending ? -1 : 1
  return rows
    .map(row => ({ row, key: order.keyOf(row) }))
    .sort((a, b) => sign * compareKeys(a.key, b.key))
    .map(({ row }) => row)
}

export interface KeyWindow {
  readonly direction: 'forward' | 'backward'
  readonly size: number
  readonly after: SortKey | null
  readonly before: SortKey | null
}

export function parseKeyWindow<T>(window: ConnectionWindow, order: SortOrder<T>): KeyWindow {
  const decode = (argument: 'after' | 'before') => {
    const cursor = window[argument]
    return cursor === null ? null : decodeKeyCursor(cursor, order.fingerprint, argument, order.sampleKey)
  }
  return { ...window, after: decode('after'), before: decode('before') }
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
  return {
    nodes: sorted.slice(start, end),
    cursorAt: index => {
      const node = sorted[start + index]
      if (node === undefined) throw new RangeError(`Index ${index} is outside the page of ${end - start} nodes.`)
      return encodeKeyCursor(order.fingerprint, order.keyOf(node))
    },
    hasNextPage: end < sorted.length,
    hasPreviousPage: start > 0,
  }
}
