import { badUserInput } from '../userInputError.ts'

/** The four arguments of a connection field, as GraphQL hands them over. */
export interface ConnectionArguments {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** How many edges a page has: when nothing is said, and at most. */
export interface PageLimits {
  readonly defaultSize: number
  readonly maximumSize: number
}

/** A checked page of a connection: `size` edges from the front or the back of what lies between the two cursors. */
export interface Window {
  readonly from: 'front' | 'back'
  readonly size: number
  readonly after: string | null
  readonly before: string | null
}

/** Checks the arguments of a connection. Without `first` and `last` it is the default size from the front. */
export const windowOf = (args: ConnectionArguments, limits: PageLimits): Window => {
  const { first = null, last = null, after = null, before = null } = args
  if (first !== null && last !== null) throw badUserInput('Give `first` or `last`, not both.')
  const name = last === null ? 'first' : 'last'
  const size = last ?? first ?? limits.defaultSize
  if (size < 0) throw badUserInput(`\`${name}\` must not be negative; it was ${size}.`)
  if (size > limits.maximumSize) {
    throw badUserInput(`\`${name}\` must be at most ${limits.maximumSize} (MAX_PAGE_SIZE); it was ${size}.`)
  }
  return { from: last === null ? 'front' : 'back', size, after, before }
}

/** A page as page/offset APIs name it: `size` rows from row `page × size`, both counted from 0. */
export interface PageRequest {
  readonly page: number
  readonly size: number
}

/** The smallest page that holds `count` rows from row `offset` on; null where none of at most `maximumSize` does. */
export const coveringPage = (offset: number, count: number, maximumSize: number): PageRequest | null => {
  for (let size = Math.max(1, count); size <= maximumSize; ) {
    const page = Math.floor(offset / size)
    const missing = offset + count - (page + 1) * size
    if (missing <= 0) return { page, size }
    // No page of this number is large enough before each of its rows-per-page grows by this much.
    size += Math.ceil(missing / (page + 1))
  }
  return null
}
