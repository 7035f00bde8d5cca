import { badUserInput } from '../userInputError.ts'

/** `hasNextPage` and `hasPreviousPage` are exact in both paging directions, which Relay does not require. */
export interface ConnectionPage<T> {
  readonly nodes: readonly T[]
  /** `index` must be an index of `nodes`. Encodes a cursor on demand, because most queries select at most two cursors of a page. */
  cursorAt(index: number): string
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** A `Connection` calls each method at most once. */
export interface ConnectionSource<T> {
  /** Validated arguments. Some fields need no read, for example `edges` if `size` is 0. */
  readonly window: ConnectionWindow<unknown>
  page(): Promise<ConnectionPage<T>>
  /** Length of the whole list. If a query selects rows too, `totalCount` is called after `page` has settled. */
  totalCount(): Promise<number>
}

/**
 * A Relay connection. Fields are methods, so fields that are not selected cause no reads. `totalCount` waits until the
 * other fields of the selection have been called, and then for the page, because the page may contain the total.
 */
export class Connection<T> {
  readonly #source: ConnectionSource<T>
  #page: Promise<ConnectionPage<T>> | undefined
  #totalCount: Promise<number> | undefined

  constructor(source: ConnectionSource<T>) {
    this.#source = source
  }

  async edges() {
    if (this.#source.window.size === 0) return []
    const page = await this.#read()
    return page.nodes.map((node, index) => ({ node, cursor: () => page.cursorAt(index) }))
  }

  async nodes(): Promise<readonly T[]> {
    return this.#source.window.size === 0 ? [] : (await this.#read()).nodes
  }

  pageInfo() {
    const { direction, size, after, before } = this.#source.window
    // Without `after`, no row precedes a forward page. Without `before`, no row follows a backward page.
    const isAtFront = direction === 'forward' && after === null
    const isAtBack = direction === 'backward' && before === null
    return {
      hasNextPage: async () => !isAtBack && (await this.#read()).hasNextPage,
      hasPreviousPage: async () => !isAtFront && (await this.#read()).hasPreviousPage,
      startCursor: async () => (size === 0 ? null : boundaryCursor(await this.#read(), 0)),
      endCursor: async () => (size === 0 ? null : boundaryCursor(await this.#read(), -1)),
    }
  }

  totalCount(): Promise<number> {
    this.#totalCount ??= this.#count()
    return this.#totalCount
  }

  async #count(): Promise<number> {
    // Waits until the remaining selected fields have been called, then for the page, which may contain the total.
    await Promise.resolve()
    await this.#page
    return this.#source.totalCount()
  }

  #read(): Promise<ConnectionPage<T>> {
    this.#page ??= this.#source.page()
    return this.#page
  }
}

/** Returns the cursor of the first node (`end` 0) or the last node (`end` -1); null for an empty page. */
function boundaryCursor(page: ConnectionPage<unknown>, end: 0 | -1): string | null {
  const { length } = page.nodes
  return length === 0 ? null : page.cursorAt(end === 0 ? 0 : length - 1)
}

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
export function decodeCursors<C>(
  window: ConnectionWindow,
  decode: (cursor: string, argument: string) => C,
): ConnectionWindow<C> {
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
