/** Requests `size` rows from row `page × size` on. Pages and rows are numbered from 0. */
export interface PageRequest {
  readonly page: number
  readonly size: number
}

/** `connect` is the open-source server. `cloud` is the hosted service, which may cap page sizes. */
export type Dialect = 'connect' | 'cloud'

/** Metadata around the rows of a list. Untrusted, because Restcomm mixes up the envelopes of concurrent requests. */
export type Envelope = Readonly<Record<string, unknown>>

/** Only cloud envelopes have a `limit`. The envelope of a different request shows the same dialect. */
export function dialectOf(envelope: Envelope): Dialect {
  return 'limit' in envelope ? 'cloud' : 'connect'
}

/** True if the envelope repeats the page, size and path of the request. */
export function matchesRequest(envelope: Envelope, path: string, request: PageRequest): boolean {
  return envelope.page === request.page && envelope.page_size === request.size && matchesPath(envelope, path)
}

export function matchesPath({ uri }: Envelope, path: string): boolean {
  return typeof uri === 'string' && (uri.endsWith(`/${path}`) || uri.endsWith(`/${path}.json`))
}

/**
 * Returns the total, or null if the envelope contradicts the request or the rows. Restcomm stores envelopes in fields
 * shared by all requests, so concurrent requests can mix up envelopes.
 */
export function consistentTotal(envelope: Envelope, path: string, request: PageRequest, rowCount: number) {
  const { total } = envelope
  if (!matchesRequest(envelope, path, request)) return null
  if (typeof total !== 'number' || !Number.isSafeInteger(total)) return null
  const start = request.page * request.size
  const matchesRows = rowCount < request.size ? total === start + rowCount : total >= start + rowCount
  if (!matchesRows) return null
  return isSelfConsistent(envelope, total, request, rowCount) ? total : null
}

function isSelfConsistent(envelope: Envelope, total: number, { page, size }: PageRequest, rowCount: number): boolean {
  return possibleLastPages(envelope, total, size).some(lastPage => {
    const start = page * size
    // Restcomm computes `end` differently on the last page: there, `end` is the position after the last row.
    const end = page === lastPage ? start + rowCount : start + size - 1
    return (
      envelope.num_pages === lastPage &&
      envelope.start === String(start) &&
      envelope.end === String(end) &&
      pageNumberOf(envelope.last_page_uri) === lastPage &&
      (envelope.next_page_uri === 'null') === (page === lastPage)
    )
  })
}

/** If `size` divides `total`, Connect counts an empty page at the end. Restcomm Cloud may or may not. */
function possibleLastPages(envelope: Envelope, total: number, size: number): readonly number[] {
  const connect = Math.floor(total / size)
  return dialectOf(envelope) === 'connect' ? [connect] : [connect, Math.max(0, Math.ceil(total / size) - 1)]
}

function pageNumberOf(link: unknown): number | null {
  const match = typeof link === 'string' ? /[?&]Page=(\d+)(?:&|$)/.exec(link) : null
  return match?.[1] === undefined ? null : Number(match[1])
}

/** After `PROBATION_ENVELOPES` matches in contended reads, totals of non-exclusive reads are trusted. */
const PROBATION_ENVELOPES = 200
/** After a mismatched envelope, all totals need verification for `MISTRUST_MS` milliseconds. */
const MISTRUST_MS = 60_000

export interface ListIdentity {
  /** If two reads of a resource overlap, Restcomm can mix up the two envelopes. */
  readonly resource: string
  /** Path and query with filter and order, without the page. */
  readonly list: string
  /** Path, page number and page size of the request, which Restcomm repeats in the envelope. */
  readonly echoed: string
}

interface TrackedRead extends ListIdentity {
  /** False if a concurrent read of a different list may have changed the envelope. */
  isExclusive: boolean
  /** True if a concurrent read had a different `echoed`, so that a mixed-up envelope would have been recognised. */
  wasContended: boolean
}

/** Ongoing reads of a resource, to find reads with different keys at the same time. */
class OngoingReads {
  readonly #countByKey = new Map<string, number>()
  /** Reads that overlapped no read with a different key. If there is one, all ongoing reads have an equal key. */
  readonly #unmixed = new Set<TrackedRead>()
  readonly #onMixed: (read: TrackedRead) => void

  /** `onMixed` is called at most once for each read, so the time does not grow with the number of ongoing reads. */
  constructor(onMixed: (read: TrackedRead) => void) {
    this.#onMixed = onMixed
  }

  add(key: string, read: TrackedRead): void {
    const count = this.#countByKey.get(key) ?? 0
    const isMixed = this.#countByKey.size > (count === 0 ? 0 : 1)
    this.#countByKey.set(key, count + 1)
    this.#unmixed.add(read)
    if (!isMixed) return
    for (const ongoing of this.#unmixed) this.#onMixed(ongoing)
    this.#unmixed.clear()
  }

  delete(key: string, read: TrackedRead): void {
    const count = this.#countByKey.get(key) ?? 0
    if (count > 1) this.#countByKey.set(key, count - 1)
    else this.#countByKey.delete(key)
    this.#unmixed.delete(read)
  }
}

/** If both reads read an identical list, both totals are equal, so a mix-up cannot change the total. */
function createListReads(): OngoingReads {
  return new OngoingReads(read => {
    read.isExclusive = false
  })
}

function createEchoedReads(): OngoingReads {
  return new OngoingReads(read => {
    read.wasContended = true
  })
}

/**
 * Decides whether totals need verification with rows, because Connect mixes up envelopes of concurrent reads.
 * For a minute after a mismatch, all totals need verification. Until `PROBATION_ENVELOPES` envelopes have matched,
 * totals of non-exclusive reads need verification.
 */
export class TotalVerificationPolicy {
  readonly #sharesUpstream: boolean
  readonly #readsByResource = new Map<string, { readonly lists: OngoingReads; readonly echoed: OngoingReads }>()
  #consecutiveMatches = 0
  #mismatchedAt = Number.NEGATIVE_INFINITY

  /** If `sharesUpstream`, a different process may read concurrently, so no read counts as exclusive. */
  constructor(sharesUpstream: boolean) {
    this.#sharesUpstream = sharesUpstream
  }

  /** Must be called at the start of a read, and `settle` once at the end. */
  track(identity: ListIdentity): TrackedRead {
    const read: TrackedRead = { ...identity, isExclusive: !this.#sharesUpstream, wasContended: false }
    let reads = this.#readsByResource.get(identity.resource)
    if (reads === undefined) {
      reads = { lists: createListReads(), echoed: createEchoedReads() }
      this.#readsByResource.set(identity.resource, reads)
    }
    reads.lists.add(identity.list, read)
    reads.echoed.add(identity.echoed, read)
    return read
  }

  /** If the read failed, `isMatch` is null. */
  settle(read: TrackedRead, isMatch: boolean | null): void {
    const reads = this.#readsByResource.get(read.resource)
    reads?.lists.delete(read.list, read)
    reads?.echoed.delete(read.echoed, read)
    if (isMatch === false) this.recordMismatch()
    else if (isMatch && read.wasContended) this.#consecutiveMatches++
  }

  /** Must be called for a mismatched envelope and for a total contradicted by rows. */
  recordMismatch(): void {
    this.#consecutiveMatches = 0
    this.#mismatchedAt = Date.now()
  }

  needsVerification(isExclusive: boolean): boolean {
    if (Date.now() - this.#mismatchedAt < MISTRUST_MS) return true
    return !isExclusive && this.#consecutiveMatches < PROBATION_ENVELOPES
  }
}
