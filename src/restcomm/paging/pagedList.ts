import type { AuthorizedHttp } from '../authorizedHttp.ts'
import type { RequestCache, RowKey, RowKind } from '../cache/requestCache.ts'
import { DecodingError } from '../errors.ts'
import { explainListErrors } from '../resources/accounts.ts'
import { countByScanning, countRows } from './count.ts'
import type { PageRequest } from './envelope.ts'
import { type ListEndpoint, type Page, readPage } from './readPage.ts'

/** The public members of `HttpPagedList`, so that tests can replace the list. */
export type PagedList<T extends RowKey> = Pick<HttpPagedList<T>, keyof HttpPagedList<T>>

export type OnRows<T> = (rows: readonly (T | DecodingError)[]) => void

interface PagedListSource<T extends RowKey> {
  readonly http: AuthorizedHttp
  readonly cache: RequestCache
  readonly accountSid: string
  readonly list: ListEndpoint<T>
  readonly kind: RowKind<T>
  /** Shared by all lists of a request. */
  readonly searchBudget: SearchBudget
  /** Called with the rows of each page. */
  readonly onRows?: OnRows<T> | undefined
}

/** The number of pages which a request may still read to find the rows of moved cursors. */
export interface SearchBudget {
  remainingPages: number
}

/** A list for the duration of a GraphQL request. Reads each page once and remembers the total reported by a page. */
export class HttpPagedList<T extends RowKey> {
  readonly #source: PagedListSource<T>
  readonly #listId: string
  readonly #lengthKey: string
  readonly #pages = new Map<string, Promise<Page<T>>>()
  #knownTotal: number | null = null
  #unverifiedTotal: number | null = null
  #count: Promise<number> | undefined

  constructor(source: PagedListSource<T>) {
    this.#source = source
    this.#listId = `${source.list.path}?${source.list.query}`
    this.#lengthKey = `${source.http.principal.credentialHash} ${this.#listId}`
  }

  /** Maximum number of rows per page. Decreases when the gateway finds that the server caps page sizes. */
  get maxPageSize(): number {
    return this.#source.http.upstream.maxPageSize
  }

  /** Last known length, possibly outdated; null before the first read. */
  get lastLength(): number | null {
    return this.#source.http.upstream.lastListLengths.get(this.#lengthKey) ?? null
  }

  idOf(row: T | DecodingError): string {
    return row instanceof DecodingError ? row.rowId : row.sid
  }

  /** Returns an empty page if the requested page lies past the end of the list. */
  read(request: PageRequest): Promise<Page<T>> {
    const key = `${request.page}/${request.size}`
    const page = this.#pages.get(key) ?? this.#readPage(key, request)
    this.#pages.set(key, page)
    return page
  }

  /** Needs no request if a page with a trusted total has been read or is being read. */
  async total(): Promise<number> {
    await Promise.allSettled(this.#pages.values())
    if (this.#knownTotal !== null) return this.#knownTotal
    const { http, cache, list } = this.#source
    const countOnce = () => this.#explainErrors(countRows(list, this.#unverifiedTotal))
    this.#count ??= cache.readList(`${this.#listId} count`, countOnce)
    const total = await this.#count
    http.upstream.lastListLengths.set(this.#lengthKey, total)
    return total
  }

  /** Counts the rows by searching for the end of the list. */
  async recount(): Promise<number> {
    this.clear()
    this.#knownTotal = await this.#explainErrors(countByScanning(this.#source.list))
    return this.#knownTotal
  }

  /** Empties the list cache, and discards all pages. Must be called when rows show that the list has changed. */
  clear(): void {
    this.#source.cache.invalidateLists()
    this.#pages.clear()
    this.#knownTotal = null
    this.#unverifiedTotal = null
    this.#count = undefined
  }

  tryConsumeSearchPage(): boolean {
    return this.#source.searchBudget.remainingPages-- > 0
  }

  /** Reports that a cursor's row has moved by `distance` rows, or was not found if `distance` is null. */
  cursorDrifted(distance: number | null): void {
    this.#source.http.principal.operation?.cursorDrifted(distance)
  }

  async #readPage(key: string, request: PageRequest): Promise<Page<T>> {
    const { cache, onRows } = this.#source
    const page = await cache.readList(`${this.#listId} ${key}`, () => this.#fetchPage(request))
    this.#knownTotal = page.total ?? this.#knownTotal
    this.#unverifiedTotal = page.unverifiedTotal ?? this.#unverifiedTotal
    onRows?.(page.rows)
    return page
  }

  async #fetchPage(request: PageRequest): Promise<Page<T>> {
    const { http, cache, list, kind } = this.#source
    const page = await this.#explainErrors(readPage(list, request))
    if (page.total !== null) http.upstream.lastListLengths.set(this.#lengthKey, page.total)
    for (const row of page.rows) cache.storeRow(kind, row)
    return page
  }

  #explainErrors<R>(response: Promise<R>): Promise<R> {
    return explainListErrors(this.#source.http, this.#source.accountSid, response)
  }
}
