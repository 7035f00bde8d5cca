/** Cost of a row in a list response, relative to the cost of a request: 50 rows cost as much as a request. */
const ROW_COST_REQUESTS = 0.02
/** A list must cost less than half of the single lookups, because single lookups run in parallel. */
const MAX_LIST_COST_SHARE = 0.5
export const MIN_KEYS_FOR_LIST = 8

/** `count` means that the length of the list is unknown: the caller must count the rows and plan again. */
type LookupPlan =
  | { readonly strategy: 'single' }
  | { readonly strategy: 'list'; readonly pageCount: number; readonly pageSize: number }
  | { readonly strategy: 'count' }

/** Chooses between single lookups and reading the whole list. `listLength` is null if unknown. */
export function planLookups(keyCount: number, listLength: number | null, maxPageSize: number): LookupPlan {
  if (keyCount < MIN_KEYS_FOR_LIST) return { strategy: 'single' }
  if (listLength === null) return { strategy: 'count' }
  // Requests one row more than the list has, so that the last page is short and shows the end of the list.
  const rows = listLength + 1
  const pageCount = Math.max(1, Math.ceil(rows / maxPageSize))
  const listCost = pageCount + ROW_COST_REQUESTS * rows
  return listCost < MAX_LIST_COST_SHARE * keyCount
    ? { strategy: 'list', pageCount, pageSize: Math.min(rows, maxPageSize) }
    : { strategy: 'single' }
}
