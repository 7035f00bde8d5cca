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
export function consistentTotal(
  envelope: Envelope,
  path: string,
  request: PageRequest,
  rowCount: number,
): number | null {
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
