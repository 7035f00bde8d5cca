import type { ListHttp } from '../authorizedHttp.ts'
import { asArray, asObject, decodeRow } from '../decode.ts'
import { type DecodingError, RestcommError } from '../errors.ts'
import { consistentTotal, dialectOf, type Envelope, matchesPath, matchesRequest, type PageRequest } from './envelope.ts'

export interface Page<T> {
  /** Position of the page's first row in the list, counted from 0. */
  readonly start: number
  /** Rows without a valid identity are errors. */
  readonly rows: readonly (T | DecodingError)[]
  /** True if no row of the list follows the page. */
  readonly atEnd: boolean
  /** Length of the list, derived from the end of the list or from a trusted envelope; null if unknown. */
  readonly total: number | null
  /** Length of the list according to an untrusted envelope, or null. */
  readonly unverifiedTotal: number | null
}

export interface ListEndpoint<T> {
  readonly http: ListHttp
  /** Also the name of the response property with the rows. */
  readonly resource: 'conferences' | 'calls'
  readonly path: string
  /** Filter and order, without `Page` and `PageSize`. */
  readonly query: URLSearchParams
  readonly decode: (row: unknown) => T
}

/** Restcomm can return a different request's envelope, but always returns the correct rows. */
export async function readPage<T>(list: ListEndpoint<T>, request: PageRequest): Promise<Page<T>> {
  const { upstream } = list.http
  const response = await fetchPage(list, request)
  const start = request.page * request.size
  if (response === null) return { start, rows: [], atEnd: true, total: null, unverifiedTotal: null }
  const { envelope, rows, cap, isExclusive } = response
  if (rows.length > request.size) {
    const counts = `${rows.length} ${list.resource}, expected at most ${request.size}`
    throw new RestcommError('malformed', `Restcomm returned a page with too many rows: ${counts}.`)
  }
  // If page 0 has fewer rows than `cap`, the page is the whole list with or without a cap.
  const capMatters = request.page > 0 || rows.length === cap
  if (cap !== null && capMatters && (await confirmCap(list, request, cap))) {
    upstream.lowerMaxPageSize(cap)
    return { start: request.page * cap, rows, atEnd: rows.length < cap, total: null, unverifiedTotal: null }
  }
  if (rows.length < request.size) {
    const total = rows.length > 0 || request.page === 0 ? start + rows.length : null
    if (total !== null && envelope.total !== total) upstream.totalVerification.recordMismatch()
    return { start, rows, atEnd: true, total, unverifiedTotal: null }
  }
  const total = consistentTotal(envelope, list.path, request, rows.length)
  if (total === null) upstream.totalVerification.recordMismatch()
  const isUnverified = upstream.totalVerification.needsVerification(isExclusive)
  return { start, rows, atEnd: false, total: isUnverified ? null : total, unverifiedTotal: isUnverified ? total : null }
}

interface ListResponse<T> {
  readonly envelope: Envelope
  readonly rows: readonly (T | DecodingError)[]
  /** Page size to which a cloud server has capped the requested size; null without a cap. */
  readonly cap: number | null
  /** False if a concurrent read may have changed the envelope. */
  readonly isExclusive: boolean
}

/** Returns null for a page past the end of the list, to which Restcomm responds with status 400. */
async function fetchPage<T>(list: ListEndpoint<T>, request: PageRequest): Promise<ListResponse<T> | null> {
  const { http, resource, path } = list
  const { upstream } = http
  const query = new URLSearchParams(list.query)
  query.set('Page', String(request.page))
  query.set('PageSize', String(request.size))
  const read = upstream.totalVerification.track({
    resource,
    list: `${path}?${list.query}`,
    echoed: `${path} ${request.page}/${request.size}`,
  })
  let isMatch: boolean | null = null
  try {
    const label = `list of ${resource}`
    const { members: envelope } = asObject(label, await http.get(resource, path, query))
    upstream.observeDialect(dialectOf(envelope))
    const rows = asArray(label, envelope[resource]).map(row => decodeRow(row, list.decode))
    const cap = upstream.dialect === 'cloud' ? cappedPageSize(envelope, path, rows.length, request) : null
    isMatch = cap !== null || matchesRequest(envelope, path, request)
    return { envelope, rows, cap, isExclusive: read.isExclusive }
  } catch (error) {
    if (error instanceof RestcommError && error.status === 400 && request.page > 0) return null
    throw error
  } finally {
    upstream.totalVerification.settle(read, isMatch)
  }
}

/** If the envelope reports a smaller page size than requested, returns the reported size, otherwise null. */
function cappedPageSize(envelope: Envelope, path: string, rowCount: number, request: PageRequest): number | null {
  const { page, page_size: size } = envelope
  if (typeof size !== 'number' || !Number.isInteger(size)) return null
  const isCap = size >= Math.max(1, rowCount) && size < request.size
  return isCap && page === request.page && matchesPath(envelope, path) ? size : null
}

/** Repeats the request with a different page size. Confirms the cap if the server reports `cap` again. */
async function confirmCap(list: ListEndpoint<unknown>, request: PageRequest, cap: number): Promise<boolean> {
  const repeated = { page: request.page, size: request.size - 1 > cap ? request.size - 1 : request.size + 1 }
  return (await fetchPage(list, repeated))?.cap === cap
}
