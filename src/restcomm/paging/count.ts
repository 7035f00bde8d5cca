import { RestcommError } from '../errors.ts'
import { type ListEndpoint, readPage } from './readPage.ts'

/** Maximum number of attempts to get a trustworthy total. Afterwards, rows are counted by scanning. */
const MAX_PROBES = 4

/**
 * Needs a single request if the first envelope is trustworthy. Each attempt uses a different page size, so the envelope
 * of an earlier attempt cannot match. `unverifiedTotal` is a total reported by an earlier page.
 */
export async function countRows(list: ListEndpoint<unknown>, unverifiedTotal: number | null): Promise<number> {
  if (unverifiedTotal !== null && (await verifyTotal(list, unverifiedTotal))) return unverifiedTotal
  // Each attempt uses a different page size, so an envelope of an earlier attempt is recognised.
  for (let size = 1; size <= MAX_PROBES; size++) {
    const page = await readPage(list, { page: 0, size })
    if (page.total !== null) return page.total
    if (page.unverifiedTotal !== null && (await verifyTotal(list, page.unverifiedTotal))) return page.unverifiedTotal
    if (!list.http.tryConsumeEnvelopeRetry(list.resource)) break
  }
  return countByScanning(list)
}

/**
 * Counts the rows of the expected last page. `size` does not divide `total`: if `total` is correct, the page has fewer
 * than `size` rows and shows the end of the list.
 */
async function verifyTotal(list: ListEndpoint<unknown>, total: number): Promise<boolean> {
  let size = 2
  while (total % size === 0) size++
  const last = await readPage(list, { page: Math.floor(total / size), size })
  if (last.total !== total) list.http.upstream.totalVerification.recordMismatch()
  return last.total === total
}

/** Restcomm counts rows with signed 32-bit integers, so a list has fewer rows than `MAX_LIST_ROWS`. */
const MAX_LIST_ROWS = 2 ** 31

/** Ignores envelopes. Reads large pages at doubling distances, then bisects to find the end of the list. */
export async function countByScanning(list: ListEndpoint<unknown>): Promise<number> {
  const size = list.http.upstream.maxPageSize
  let page = 0
  let step = 1
  /** All pages with a number below `fullPages` are full. */
  let fullPages = 0
  /** Lowest number of a page known to be empty. */
  let pageBeyondEnd = Number.POSITIVE_INFINITY
  for (;;) {
    const { rows, total } = await readPage(list, { page, size })
    // The server caps pages below `size`: repeat the scan with the smaller size.
    if (list.http.upstream.maxPageSize < size) return countByScanning(list)
    if (total !== null && rows.length < size) return total
    if (rows.length === size) {
      fullPages = page + 1
      step *= 2
    } else {
      pageBeyondEnd = page
    }
    if (fullPages === pageBeyondEnd) return fullPages * size
    if (fullPages * size > MAX_LIST_ROWS) {
      throw new RestcommError(
        'malformed',
        `Restcomm returned full pages of ${list.resource} beyond row ${MAX_LIST_ROWS}: expected the list to end.`,
      )
    }
    page = pageBeyondEnd === Number.POSITIVE_INFINITY ? page + step : Math.floor((fullPages + pageBeyondEnd) / 2)
  }
}
