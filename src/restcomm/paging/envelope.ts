/** `size` rows from row `page × size`, both counted from 0. */
export interface PageRequest {
  readonly page: number
  readonly size: number
}

/** The dialect of a Restcomm: Connect is the open-source server, the cloud counts pages in another way. */
export type Dialect = 'connect' | 'cloud'

/** What a list says about itself. Nothing of it is known to be true; see `believedTotal`. */
export type Envelope = Readonly<Record<string, unknown>>

/** Only the cloud's lists have a `limit`. All lists of a server do, so this holds in a foreign envelope too. */
export const dialectOf = (envelope: Envelope): Dialect => ('limit' in envelope ? 'cloud' : 'connect')

/** Whether the envelope repeats the request that it should belong to. The server may have written another's into it. */
export const isOwn = (envelope: Envelope, path: string, request: PageRequest): boolean =>
  envelope.page === request.page && envelope.page_size === request.size && isOwnPath(envelope, path)

export const isOwnPath = (envelope: Envelope, path: string): boolean =>
  typeof envelope.uri === 'string' && (envelope.uri.endsWith(`/${path}`) || envelope.uri.endsWith(`/${path}.json`))

/**
 * The length of the list as its envelope tells it, or null where it cannot be believed.
 *
 * The server keeps `total`, `page`, `page_size` and `uri` in one place for all its requests and derives the rest from
 * them one after the other. So an envelope can be another request's, or in part, even under its own `uri`. It counts
 * only when it repeats the request, agrees with the rows that came with it, and agrees with itself.
 */
export const believedTotal = (
  envelope: Envelope,
  path: string,
  request: PageRequest,
  rowCount: number,
): number | null => {
  const { total } = envelope
  if (!isOwn(envelope, path, request)) return null
  if (typeof total !== 'number' || !Number.isSafeInteger(total)) return null
  const start = request.page * request.size
  const agreesWithRows = rowCount < request.size ? total === start + rowCount : total >= start + rowCount
  if (!agreesWithRows) return null
  return agreesWithItself(envelope, total, request, rowCount) ? total : null
}

/** Whether everything that is derived from `total` follows from it. The cloud was seen with either arithmetic. */
const agreesWithItself = (envelope: Envelope, total: number, { page, size }: PageRequest, rowCount: number): boolean =>
  lastPages(envelope, total, size).some(lastPage => {
    const start = page * size
    // Only the last page counts the rows that it has; the others count those that they should have.
    const end = page === lastPage ? start + rowCount : start + size - 1
    return (
      envelope.num_pages === lastPage &&
      envelope.start === String(start) &&
      envelope.end === String(end) &&
      pageOf(envelope.last_page_uri) === lastPage &&
      (envelope.next_page_uri === 'null') === (page === lastPage)
    )
  })

const lastPages = (envelope: Envelope, total: number, size: number): readonly number[] => {
  const connect = Math.floor(total / size)
  return dialectOf(envelope) === 'connect' ? [connect] : [connect, Math.max(0, Math.ceil(total / size) - 1)]
}

const pageOf = (link: unknown): number | null => {
  const match = typeof link === 'string' ? /[?&]Page=(\d+)(?:&|$)/.exec(link) : null
  return match?.[1] === undefined ? null : Number(match[1])
}
