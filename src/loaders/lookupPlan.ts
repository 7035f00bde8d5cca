/** Cost of reading a row in a list, relative to a request. A row is about 500 bytes of JSON. */
const ROW_COST_REQUESTS = 0.02
/** A list must cost less than this share of the single lookups, because parallel lookups finish sooner. */
const MAX_LIST_COST_SHARE = 0.5
export const MIN_KEYS_FOR_LIST = 8

/** `count`: the length of the list is unknown; count the list and plan again. */
type LookupPlan =
  | { readonly strategy: 'single' }
  | { readonly strategy: 'list'; readonly pageCount: number; readonly pageSize: number }
  | { readonly strategy: 'count' }

/** Chooses between single lookups and reading the whole list. `listLength` is null if unknown. */
export function planLookups(keyCount: number, listLength: number | null, maxPageSize: number): LookupPlan {
  if (keyCount < MIN_KEYS_FOR_LIST) return { strategy: 'single' }
  if (listLength === null) return { strategy: 'count' }
  // One row more than the list has: a page with fewer rows than requested proves the end of the list.
  const rows = listLength + 1
  const pageCount = Math.max(1, Math.ceil(rows / maxPageSize))
  const listCost = pageCount + ROW_COST_REQUESTS * rows
  return listCost < MAX_LIST_COST_SHARE * keyCount
    ? { strategy: 'list', pageCount, pageSize: Math.min(rows, maxPageSize) }
    : { strategy: 'single' }
}
