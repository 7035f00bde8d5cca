import { RestcommError } from '../errors.ts'
import { type List, readPage } from './readPage.ts'

/** How often a total that cannot be believed is asked for again. */
const PROBES = 4

/**
 * How many rows a list has, by one row where the envelope can be believed.
 *
 * A probe that is not believed is repeated with a page of another size, so that an envelope that merely echoes another
 * request cannot pass for its own. A total that needs proof is proven by rows; `claimed` is one that is known already.
 */
export const countRows = async (list: List<unknown>, claimed: number | null): Promise<number> => {
  if (claimed !== null && (await proves(list, claimed))) return claimed
  for (let size = 1; size <= PROBES; size++) {
    const { total, claimedTotal } = await readPage(list, { page: 0, size })
    if (total !== null) return total
    if (claimedTotal !== null && (await proves(list, claimedTotal))) return claimedTotal
    if (!list.access.mayRepeat(list.noun)) break
  }
  return recountRows(list)
}

/** Asks for a page that, if the total is right, is the last one and comes back short by so many rows. */
const proves = async (list: List<unknown>, total: number): Promise<boolean> => {
  let size = 2
  while (total % size === 0) size++
  const last = await readPage(list, { page: Math.floor(total / size), size })
  if (last.total !== total) list.upstream.trust.caught()
  return last.total === total
}

/** Beyond this a list is not one: Restcomm counts rows in 32 bits. */
const LONGEST_LIST = 2 ** 31

/** How many rows a list has, found by looking where its rows end: in large pages, first in doubling steps. */
export const recountRows = async (list: List<unknown>): Promise<number> => {
  for (;;) {
    const size = list.upstream.maximumPageSize
    const count = await countByPages(list, size)
    if (count !== null) return count
  }
}

/** Null where the server turned out to shorten pages of this size: then a page that is not full is not the end. */
const countByPages = async (list: List<unknown>, size: number): Promise<number | null> => {
  /** The first page known to be beyond the end, once one is. */
  let beyond = Number.POSITIVE_INFINITY
  let page = 0
  let step = 1
  /** Every page below this one is full. */
  let full = 0
  for (;;) {
    const { rows, total } = await readPage(list, { page, size })
    if (list.upstream.maximumPageSize < size) return null
    if (total !== null && rows.length < size) return total
    if (rows.length === size) {
      full = page + 1
      step *= 2
    } else {
      beyond = page
    }
    if (full === beyond) return full * size
    if (full * size > LONGEST_LIST) throw new RestcommError('malformed', `Restcomm sent ${list.noun} without end.`)
    page = beyond === Number.POSITIVE_INFINITY ? page + step : Math.floor((full + beyond) / 2)
  }
}
