import type { Parameters } from '../http/parameters.ts'
import { HttpError } from '../http/response.ts'
import type { CallRow } from '../rows/rows.ts'

const COLUMNS = {
  DateCreated: row => row.date_created,
  From: row => row.sender,
  To: row => row.recipient,
  Direction: row => row.direction,
  Status: row => row.status,
  Duration: row => row.duration,
  // Like Restcomm, compares only the integer part of the price.
  Price: row => (row.price === null ? null : Math.trunc(Number(row.price))),
} as const satisfies Record<string, (row: Readonly<CallRow>) => string | number | null>

type Field = keyof typeof COLUMNS

export interface CallOrder {
  field: Field
  descending: boolean
}

const NEWEST_FIRST: CallOrder = { field: 'DateCreated', descending: true }

const isField = (text: string): text is Field => Object.hasOwn(COLUMNS, text)

function invalidSortBy(reason: string): HttpError {
  return new HttpError(400, {
    text: JSON.stringify({ message: `Error parsing the SortBy parameter: ${reason}` }),
    contentType: 'application/json',
  })
}

/** Like in Restcomm, SortBy overrides Reverse. If the field is unknown, the order is newest first. */
export function parseCallOrder(query: Parameters): CallOrder {
  const sortBy = query.get('SortBy')
  const reverse = query.get('Reverse')
  if (sortBy) return parseSortBy(sortBy)
  return reverse === undefined ? NEWEST_FIRST : { field: 'DateCreated', descending: reverse.toLowerCase() === 'true' }
}

function parseSortBy(sortBy: string): CallOrder {
  const colon = sortBy.indexOf(':')
  const field = colon < 0 ? sortBy : sortBy.slice(0, colon)
  const direction = colon < 0 ? 'asc' : sortBy.slice(colon + 1).toLowerCase()
  if (field === '') throw invalidSortBy('missing field to sort by')
  if (direction !== 'asc' && direction !== 'desc') throw invalidSortBy('sort direction needs to be either ASC or DESC')
  return isField(field) ? { field, descending: direction === 'desc' } : NEWEST_FIRST
}

const compareValues = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** Nulls come first in both directions. Calls with equal values are sorted newest first. */
export function sortCalls(
  rows: readonly Readonly<CallRow>[],
  { field, descending }: CallOrder,
): readonly Readonly<CallRow>[] {
  const column = COLUMNS[field]
  const compare = (a: Readonly<CallRow>, b: Readonly<CallRow>): number => {
    const [valueA, valueB] = [column(a), column(b)]
    if (valueA === null || valueB === null) return Number(valueB === null) - Number(valueA === null)
    return descending ? compareValues(valueB, valueA) : compareValues(valueA, valueB)
  }
  return rows.toSorted(
    (a, b) => compare(a, b) || compareValues(b.date_created, a.date_created) || compareValues(a.sid, b.sid),
  )
}
