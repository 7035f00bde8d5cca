import type { OffsetPageRequest } from '../relay/connection.ts'
import type { OffsetPage, OffsetSource } from '../relay/rowLocator.ts'
import type { PagedList } from '../restcomm/client.ts'

/** A list for the duration of a GraphQL request. Reads each page once and remembers the total reported by a page. */
export class PageReader<T> implements OffsetSource<T> {
  readonly idOf: (row: T) => string
  readonly #list: PagedList<T>
  readonly #onRows: (rows: readonly T[]) => void
  readonly #reads = new Map<string, Promise<OffsetPage<T>>>()
  #knownTotal: number | null = null
  #unverifiedTotal: number | null = null
  #count: Promise<number> | undefined

  constructor(list: PagedList<T>, idOf: (row: T) => string, onRows: (rows: readonly T[]) => void) {
    this.#list = list
    this.idOf = idOf
    this.#onRows = onRows
  }

  get maxPageSize(): number {
    return this.#list.maxPageSize
  }

  read(request: OffsetPageRequest): Promise<OffsetPage<T>> {
    return getOrCreate(this.#reads, `${request.page}/${request.size}`, () => this.#read(request))
  }

  async #read(request: OffsetPageRequest): Promise<OffsetPage<T>> {
    const page = await this.#list.readPage(request)
    this.#knownTotal = page.total ?? this.#knownTotal
    this.#unverifiedTotal = page.unverifiedTotal ?? this.#unverifiedTotal
    this.#onRows(page.rows)
    return page
  }

  /** Needs no request if a page with a trusted total has been read or is being read. */
  async total(): Promise<number> {
    await Promise.allSettled(this.#reads.values())
    return this.#knownTotal ?? this.#countOnce()
  }

  #countOnce(): Promise<number> {
    this.#count ??= this.#list.count(this.#unverifiedTotal)
    return this.#count
  }

  async recount(): Promise<number> {
    this.clear()
    this.#knownTotal = await this.#list.countByScanning()
    return this.#knownTotal
  }

  /** Discards all pages of a changed list, both in the `PageReader` and in the list cache. */
  clear(): void {
    this.#list.invalidate()
    this.#reads.clear()
    this.#knownTotal = this.#unverifiedTotal = null
    this.#count = undefined
  }

  cursorDrifted(distance: number | null): void {
    this.#list.cursorDrifted(distance)
  }
}

export function getOrCreate<V>(map: Map<string, V>, key: string, create: () => V): V {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const created = create()
  map.set(key, created)
  return created
}
