/**
 * What reading one row of a list costs, in requests: a request is a round trip, a log-in and a permission check, a row
 * is half a kilobyte of JSON.
 */
const ROW_COST = 0.02
/** Single look-ups run side by side, so a list is worth its wait only when it costs less than this share of them. */
const WORTH_WAITING = 0.5
/** Fewer look-ups than this gain nothing by a list, however short it is. */
export const WORTH_A_LIST = 8

type LookUpPlan =
  /** Each on its own, side by side. */
  | { readonly by: 'look-up' }
  /** By reading the whole list, in so many pages of this size. */
  | { readonly by: 'list'; readonly pages: number; readonly size: number }
  /** By learning the length of the list first, and planning again. */
  | { readonly by: 'count' }

/**
 * How to find `count` rows by their identifiers, in an API that looks up one at a time but lists many.
 * `length` is that of the whole list, as far as it is known.
 */
export const planLookUps = (count: number, length: number | null, maximumPageSize: number): LookUpPlan => {
  if (count < WORTH_A_LIST) return { by: 'look-up' }
  if (length === null) return { by: 'count' }
  // One row more shows the end of the list, if it did not grow.
  const rows = length + 1
  const pages = Math.max(1, Math.ceil(rows / maximumPageSize))
  const listCost = pages + ROW_COST * rows
  return listCost < WORTH_WAITING * count
    ? { by: 'list', pages, size: Math.min(rows, maximumPageSize) }
    : { by: 'look-up' }
}
