import type { ConnectionPage } from './connection.ts'
import { compareKeys, keyCursor, type SortKey, sortKeyOf } from './cursor.ts'
import type { Window } from './connectionArgs.ts'

/** How a list that is wholly in memory is sorted and named. */
export interface KeyedOrder<T> {
  /** Asked for only where there is a cursor. */
  readonly fingerprint: string
  /** Unique over the list. */
  readonly keyOf: (row: T) => SortKey
  /** Any key of this list: the types that the parts of a cursor must have. */
  readonly shape: SortKey
  readonly descending?: boolean
}

/** The rows in order. Equal keys cannot occur, so the order is total. */
export const sortByKey = <T>(rows: readonly T[], order: KeyedOrder<T>): readonly T[] => {
  const sign = order.descending ? -1 : 1
  return rows
    .map(row => ({ row, key: order.keyOf(row) }))
    .sort((a, b) => sign * compareKeys(a.key, b.key))
    .map(({ row }) => row)
}

/** A page of one sorted list: its cursors parsed, and so known to be of this list, before anything is read. */
export interface KeyedWindow {
  readonly from: 'front' | 'back'
  readonly size: number
  readonly after: SortKey | null
  readonly before: SortKey | null
}

export const keyedWindow = <T>(window: Window, order: KeyedOrder<T>): KeyedWindow => {
  const keyOf = (argument: 'after' | 'before') => {
    const cursor = window[argument]
    return cursor === null ? null : sortKeyOf(cursor, order.fingerprint, argument, order.shape)
  }
  return { ...window, after: keyOf('after'), before: keyOf('before') }
}

/**
 * A page of a sorted list. A cursor is a key and `after` means greater than it, so a row that is gone, or new, cannot
 * make another be skipped or repeated.
 */
export const pageByKey = <T>(sorted: readonly T[], window: KeyedWindow, order: KeyedOrder<T>): ConnectionPage<T> => {
  const { after, before } = window
  const sign = order.descending ? -1 : 1
  const firstBeyond = (key: SortKey, inclusive: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = sorted[middle]
      const side = row === undefined ? 0 : sign * compareKeys(order.keyOf(row), key)
      if (side < 0 || (side === 0 && !inclusive)) low = middle + 1
      else high = middle
    }
    return low
  }
  const from = after === null ? 0 : firstBeyond(after, false)
  const to = Math.max(from, before === null ? sorted.length : firstBeyond(before, true))
  const start = window.from === 'front' ? from : Math.max(from, to - window.size)
  const end = window.from === 'front' ? Math.min(to, from + window.size) : to
  return {
    nodes: sorted.slice(start, end),
    cursorAt: index => {
      const node = sorted[start + index]
      if (node === undefined) throw new RangeError('There is no such node on this page.')
      return keyCursor(order.fingerprint, order.keyOf(node))
    },
    hasNextPage: end < sorted.length,
    hasPreviousPage: start > 0,
  }
}
