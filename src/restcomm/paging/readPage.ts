import type { AuthorizedHttp } from '../authorizedHttp.ts'
import { asArray, asObject } from '../decode.ts'
import { RestcommError } from '../errors.ts'
import type { UpstreamState } from '../upstreamState.ts'
import {
  consistentTotal,
  dialectOf,
  type Envelope,
  matchesPath,
  matchesRequest,
  type PageRequest,
} from './envelopeConsistency.ts'

export interface Page<T> {
  /** Position of the page's first row in the list, counted from 0. */
  readonly start: number
  readonly rows: readonly T[]
  /** True if no row of the list follows the page. */
  readonly atEnd: boolean
  /** Length of the list, derived from the end of the list or from a trusted envelope; null if unknown. */
  readonly total: number | null
  /** Length of the list according to an untrusted envelope, or null. */
  readonly unverifiedTotal: number | null
}

export interface ListEndpoint<T> {
  readonly upstream: UpstreamState
  readonly http: AuthorizedHttp
  readonly resource: 'conferences' | 'calls'
  readonly path: string
  /** Filter and order, without `Page` and `PageSize`. */
  readonly query: URLSearchParams
  /** Name of the response property with the rows. */
  readonly rowsKey: string
  decode(row: unknown): T
}

/** Restcomm can return a different request's envelope, but always returns the correct rows. */
export async function readPage<T>(list: ListEndpoint<T>, request: PageRequest): Promise<Page<T>> {
  const response = await fetchPageOrNull(list, request)
  const start = request.page * request.size
  if (response === null) return { start, rows: [], atEnd: true, total: null, unverifiedTotal: null }
  const { envelope, rows, isExclusive } = response
  if (rows.length > request.size) {
    const counts = `${rows.length} ${list.resource}, expected at most ${request.size}`
    throw new RestcommError('malformed', `Restcomm returned a page with too many rows: ${counts}.`)
  }
  const cap = cappedPageSize(list, envelope, rows.length, request)
  // If page 0 has fewer rows than `cap`, the page is the whole list with or without a cap.
  const capMatters = request.page > 0 || rows.length === cap
  if (cap !== null && capMatters && (await confirmCap(list, request, cap))) {
    list.upstream.lowerMaxPageSize(cap)
    return { start: request.page * cap, rows, atEnd: rows.length < cap, total: null, unverifiedTotal: null }
  }
  if (rows.length < request.size) {
    const total = rows.length > 0 || request.page === 0 ? start + rows.length : null
    if (total !== null && envelope.total !== total) list.upstream.totalVerification.recordMismatch()
    return { start, rows, atEnd: true, total, unverifiedTotal: null }
  }
  const total = consistentTotal(envelope, list.path, request, rows.length)
  if (total === null) list.upstream.totalVerification.recordMismatch()
  const isUnverified = list.upstream.totalVerification.needsVerification(isExclusive)
  return { start, rows, atEnd: false, total: isUnverified ? null : total, unverifiedTotal: isUnverified ? total : null }
}

interface ListResponse<T> {
  readonly envelope: Envelope
  readonly rows: readonly T[]
  readonly isExclusive: boolean
}

/** Returns null for a page past the end of the list, to which Restcomm responds with status 400. */
async function fetchPageOrNull<T>(list: ListEndpoint<T>, request: PageRequest): Promise<ListResponse<T> | null> {
  try {
    return await fetchPage(list, request)
  } catch (error) {
    if (error instanceof RestcommError && error.status === 400 && request.page > 0) return null
    throw error
  }
}

async function fetchPage<T>(list: ListEndpoint<T>, request: PageRequest): Promise<ListResponse<T>> {
  const query = new URLSearchParams(list.query)
  query.set('Page', String(request.page))
  query.set('PageSize', String(request.size))
  const read = list.upstream.totalVerification.track({
    resource: list.resource,
    list: `${list.path}?${list.query}`,
    echoed: `${list.path} ${request.page}/${request.size}`,
  })
  let isMatch: boolean | null = null
  try {
    const { members: envelope } = asObject('list', await list.http.get(list.resource, list.path, query))
    list.upstream.observeDialect(dialectOf(envelope))
    const rows = asArray(`list of ${list.resource}`, envelope[list.rowsKey]).map(row => list.decode(row))
    isMatch =
      matchesRequest(envelope, list.path, request) || cappedPageSize(list, envelope, rows.length, request) !== null
    return { envelope, rows, isExclusive: read.isExclusive }
  } finally {
    read.settle(isMatch)
  }
}

/** If a cloud server reports a smaller page size than requested, returns the reported size, otherwise null. */
function cappedPageSize(
  list: ListEndpoint<unknown>,
  envelope: Envelope,
  rowCount: number,
  request: PageRequest,
): number | null {
  const { page, page_size: size } = envelope
  const isSmaller = typeof size === 'number' && Number.isInteger(size) && size >= rowCount && size < request.size
  if (!isSmaller || size < 1 || list.upstream.dialect !== 'cloud') return null
  return page === request.page && matchesPath(envelope, list.path) ? size : null
}

/** Repeats the request with a different page size. Confirms the cap if the server reports `cap` again. */
async function confirmCap(list: ListEndpoint<unknown>, request: PageRequest, cap: number): Promise<boolean> {
  const repeated = { page: request.page, size: request.size - 1 > cap ? request.size - 1 : request.size + 1 }
  const response = await fetchPageOrNull(list, repeated)
  return response !== null && cappedPageSize(list, response.envelope, response.rows.length, repeated) === cap
}
