/** `size` rows starting at row `page × size`; both count from 0. */
export interface PageRequest {
  readonly page: number
  readonly size: number
}

/** `connect` is the open-source server. `cloud` is the hosted service, which numbers pages differently. */
export type Dialect = 'connect' | 'cloud'

/** Untrusted metadata around the rows of a list; see `consistentTotal`. */
export type Envelope = Readonly<Record<string, unknown>>

/** Only cloud envelopes have a `limit`. Works for a mismatched envelope too, because a server has only one dialect. */
export function dialectOf(envelope: Envelope): Dialect {
  return 'limit' in envelope ? 'cloud' : 'connect'
}

/** Whether the envelope echoes the request. Restcomm may return the envelope of a concurrent request. */
export function matchesRequest(envelope: Envelope, path: string, request: PageRequest): boolean {
  return envelope.page === request.page && envelope.page_size === request.size && matchesPath(envelope, path)
}

export function matchesPath({ uri }: Envelope, path: string): boolean {
  return typeof uri === 'string' && (uri.endsWith(`/${path}`) || uri.endsWith(`/${path}.json`))
}

/**
 * The total, or null if any part of the envelope may belong to a different request. Restcomm keeps `total`, `page`,
 * `page_size` and `uri` in fields shared by all requests, so concurrent requests can overwrite parts of an envelope.
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
    // On the last page, Restcomm reports the index after the last row as `end`; on all other pages, the last index.
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

/** Number of the last page. Cloud servers use either formula, Connect only the first. */
function possibleLastPages(envelope: Envelope, total: number, size: number): readonly number[] {
  const connect = Math.floor(total / size)
  return dialectOf(envelope) === 'connect' ? [connect] : [connect, Math.max(0, Math.ceil(total / size) - 1)]
}

function pageNumberOf(link: unknown): number | null {
  const match = typeof link === 'string' ? /[?&]Page=(\d+)(?:&|$)/.exec(link) : null
  return match?.[1] === undefined ? null : Number(match[1])
}
