import { badUserInput } from '../userInputError.ts'

export interface ConnectionArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

export interface PageLimits {
  readonly defaultPageSize: number
  readonly maxPageSize: number
}

/** Validated arguments: the first (`forward`) or last (`backward`) `size` edges between the two cursors. */
export interface ConnectionWindow<Cursor = string> {
  readonly direction: 'forward' | 'backward'
  readonly size: number
  readonly after: Cursor | null
  readonly before: Cursor | null
}

/** Decodes both cursors. `decode` receives the name of the argument for its error messages. */
export function decodeCursors<C>(window: ConnectionWindow, decode: (cursor: string, argument: string) => C) {
  return {
    ...window,
    after: window.after === null ? null : decode(window.after, 'after'),
    before: window.before === null ? null : decode(window.before, 'before'),
  }
}

/** Without `first` and `last`, the window is the first `defaultPageSize` edges. */
export function parseConnectionArgs(args: ConnectionArgs, limits: PageLimits): ConnectionWindow {
  const { first = null, last = null, after = null, before = null } = args
  if (first !== null && last !== null)
    throw badUserInput('`first` and `last` cannot be combined: use either `first` or `last`.')
  const name = last === null ? 'first' : 'last'
  const size = last ?? first ?? limits.defaultPageSize
  if (size < 0) throw badUserInput(`\`${name}: ${size}\` is negative: expected 0 to ${limits.maxPageSize}.`)
  if (size > limits.maxPageSize) {
    throw badUserInput(
      `\`${name}: ${size}\` exceeds the page size limit: expected at most ${limits.maxPageSize} (MAX_PAGE_SIZE).`,
    )
  }
  return { direction: last === null ? 'forward' : 'backward', size, after, before }
}

/** A page of `size` rows that starts at row `page × size`. Page numbers and row positions start at 0. */
export interface OffsetPageRequest {
  readonly page: number
  readonly size: number
}

/** Returns the smallest page that contains `count` rows from row `offset` on; null if `maxSize` is too small. */
export function coveringPage(offset: number, count: number, maxSize: number): OffsetPageRequest | null {
  for (let size = Math.max(1, count); size <= maxSize; ) {
    const page = Math.floor(offset / size)
    const missing = offset + count - (page + 1) * size
    if (missing <= 0) return { page, size }
    // If `size` grows by 1, the end of the page moves by `page + 1` rows, because all preceding pages grow too.
    size += Math.ceil(missing / (page + 1))
  }
  return null
}
