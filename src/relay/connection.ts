/** A row at its place in a list. */
export interface Edge<T> {
  readonly cursor: string
  readonly node: T
}

/** An edge whose cursor is made when it is asked for: most queries ask for two of a page, or for none. */
export const edge = <T>(node: T, cursor: () => string): Edge<T> => ({
  node,
  get cursor() {
    return cursor()
  },
})

/** A page of a list, read. Both flags are exact. */
export interface ConnectionPage<T> {
  readonly edges: readonly Edge<T>[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
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
    return this.#source.window.size === 0 ? [] : (await this.#read()).edges
  }

  async nodes(): Promise<readonly T[]> {
    return (await this.edges()).map(edge => edge.node)
  }

  pageInfo() {
    const { from, size, after, before } = this.#source.window
    // Counted from an end of the list, a page has nothing beyond that end.
    const isAtFront = from === 'front' && after === null
    const isAtBack = from === 'back' && before === null
    return {
      hasNextPage: async () => !isAtBack && (await this.#read()).hasNextPage,
      hasPreviousPage: async () => !isAtFront && (await this.#read()).hasPreviousPage,
      startCursor: async () => (size === 0 ? null : ((await this.#read()).edges.at(0)?.cursor ?? null)),
      endCursor: async () => (size === 0 ? null : ((await this.#read()).edges.at(-1)?.cursor ?? null)),
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
