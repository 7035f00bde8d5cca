import type { Anchor } from '../relay/cursor.ts'
import type { OffsetSource, Segment } from '../relay/offsetSource.ts'
import type { PageRequest } from '../relay/connectionArgs.ts'
import type { PagedList } from '../restcomm/client.ts'

/** Told when a cursor's row was found elsewhere (`distance` rows off), or not at all (`null`). */
export type AnchorListener = (distance: number | null) => void

/**
 * One list during one request: the same page is read once, however many fields ask for it, and what a page tells of
 * the length of the list is not asked for again.
 */
export class PageReader<T> implements OffsetSource<T> {
  readonly idOf: (row: T) => string
  readonly #list: PagedList<T>
  readonly #onRows: (rows: readonly T[]) => void
  readonly #onAnchor: AnchorListener
  readonly #reads = new Map<string, Promise<Segment<T>>>()
  #knownTotal: number | null = null
  #claimedTotal: number | null = null
  #count: Promise<number> | undefined

  constructor(
    list: PagedList<T>,
    idOf: (row: T) => string,
    onRows: (rows: readonly T[]) => void,
    onAnchor: AnchorListener,
  ) {
    this.#list = list
    this.idOf = idOf
    this.#onRows = onRows
    this.#onAnchor = onAnchor
  }

  get maximumPageSize(): number {
    return this.#list.maximumPageSize
  }

  read(request: PageRequest): Promise<Segment<T>> {
    const key = `${request.page}/${request.size}`
    let read = this.#reads.get(key)
    if (read === undefined) {
      read = this.#read(request)
      this.#reads.set(key, read)
    }
    return read
  }

  async #read(request: PageRequest): Promise<Segment<T>> {
    const page = await this.#list.readPage(request)
    this.#knownTotal = page.total ?? this.#knownTotal
    this.#claimedTotal = page.claimedTotal ?? this.#claimedTotal
    this.#onRows(page.rows)
    return page
  }

  /** Costs nothing when a page that was read, or is being read, tells it. */
  async total(): Promise<number> {
    await Promise.allSettled(this.#reads.values())
    return this.#knownTotal ?? this.#counted()
  }

  #counted(): Promise<number> {
    this.#count ??= this.#list.count(this.#claimedTotal)
    return this.#count
  }

  async recount(): Promise<number> {
    this.forget()
    this.#knownTotal = await this.#list.recount()
    return this.#knownTotal
  }

  /** For when the list turned out to have changed since its pages were read. */
  forget(): void {
    this.#list.forget()
    this.#reads.clear()
    this.#knownTotal = this.#claimedTotal = null
    this.#count = undefined
  }

  anchorMoved(_anchor: Anchor, distance: number | null): void {
    this.#onAnchor(distance)
  }
}
