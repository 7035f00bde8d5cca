/** A row at its place in a list. */
interface Edge<T> {
  readonly cursor: string
  readonly node: T
}

/** A page of a list, read. Both flags are exact. */
export interface ConnectionPage<T> {
  readonly nodes: readonly T[]
  /** Of the node at this index. Most queries ask for two cursors of a page, or for none: each is made when it is asked for. */
  cursorAt(index: number): string
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

class PageEdge<T> implements Edge<T> {
  readonly node: T
  readonly #page: ConnectionPage<T>
  readonly #index: number

  constructor(node: T, page: ConnectionPage<T>, index: number) {
    this.node = node
    this.#page = page
    this.#index = index
  }

  get cursor(): string {
    return this.#page.cursorAt(this.#index)
  }
}

/** Where the rows of a connection come from. Each part is asked for at most once. */
export interface ConnectionSource<T> {
  /** What its arguments alone say of the page, so that nothing need be read for it. */
  readonly window: {
    readonly from: 'front' | 'back'
    readonly size: number
    readonly after: unknown
    readonly before: unknown
  }
  page(): Promise<ConnectionPage<T>>
  /** The length of the whole list. Called when `page` has been read, if it is wanted at all. */
  totalCount(): Promise<number>
}

/**
 * A connection as GraphQL resolves it: each field is a method, so that what a selection leaves out is never read.
 * All fields of one selection are called in the same turn; `totalCount` waits that turn out, and then for the page, if
 * another field has asked for it: the page may tell the total, and then it costs nothing.
 */
export class Connection<T> {
  readonly #source: ConnectionSource<T>
  #page: Promise<ConnectionPage<T>> | undefined
  #totalCount: Promise<number> | undefined

  constructor(source: ConnectionSource<T>) {
    this.#source = source
  }

  async edges(): Promise<readonly Edge<T>[]> {
    if (this.#source.window.size === 0) return []
    const page = await this.#read()
    return page.nodes.map((node, index) => new PageEdge(node, page, index))
  }

  async nodes(): Promise<readonly T[]> {
    return this.#source.window.size === 0 ? [] : (await this.#read()).nodes
  }

  pageInfo() {
    const { from, size, after, before } = this.#source.window
    // Counted from an end of the list, a page has nothing beyond that end.
    const isAtFront = from === 'front' && after === null
    const isAtBack = from === 'back' && before === null
    return {
      hasNextPage: async () => !isAtBack && (await this.#read()).hasNextPage,
      hasPreviousPage: async () => !isAtFront && (await this.#read()).hasPreviousPage,
      startCursor: async () => (size === 0 ? null : cursorOfEnd(await this.#read(), 0)),
      endCursor: async () => (size === 0 ? null : cursorOfEnd(await this.#read(), -1)),
    }
  }

  totalCount(): Promise<number> {
    this.#totalCount ??= this.#count()
    return this.#totalCount
  }

  async #count(): Promise<number> {
    await Promise.resolve()
    await this.#page
    return this.#source.totalCount()
  }

  #read(): Promise<ConnectionPage<T>> {
    this.#page ??= this.#source.page()
    return this.#page
  }
}

/** Of the first node, or with -1 of the last; null where there is none. */
const cursorOfEnd = (page: ConnectionPage<unknown>, end: 0 | -1): string | null => {
  const { length } = page.nodes
  return length === 0 ? null : page.cursorAt(end === 0 ? 0 : length - 1)
}
