import type { Parameters } from '../http/parameters.ts'
import { HttpError } from '../http/response.ts'
import type { Dialect } from './envelope.ts'
import { lastPageNumber } from './envelope.ts'
import { parseJavaInteger } from './javaInteger.ts'

const DEFAULT_PAGE_SIZE = '50'
const DEFAULT_LIMIT = '10000'

export interface ListSettings {
  dialect: Dialect
  /** Limits PageSize in the `cloud` dialect; `page_size` in the envelope shows the limited value. */
  maxPageSize: number | null
  /** Whether participants are split into pages. Connect sends all participants on every page. */
  pagedParticipants: boolean
}

export interface ParsedPageRequest {
  page: number
  pageSize: number
  /** The maximum number of rows on all pages together in the `cloud` dialect; null in `connect`. */
  limit: number | null
}

export function parsePageRequest(query: Parameters, settings: ListSettings): ParsedPageRequest {
  const page = parseJavaInteger(query.get('Page') ?? '0')
  const requestedSize = parseJavaInteger(query.get('PageSize') ?? DEFAULT_PAGE_SIZE)
  if (settings.dialect === 'connect') return { page, pageSize: requestedSize, limit: null }
  const limit = parseJavaInteger(query.get('Limit') ?? DEFAULT_LIMIT)
  return { page, pageSize: Math.min(requestedSize, settings.maxPageSize ?? requestedSize), limit }
}

/** Like Restcomm, throws 400 for a page after the last page, and 500 for a page size of zero. */
export function assertPageExists({ page, pageSize }: ParsedPageRequest, total: number, dialect: Dialect): void {
  if (pageSize === 0) throw new HttpError(500)
  if (page > lastPageNumber(dialect, { total, pageSize })) throw new HttpError(400)
}

/** Like Restcomm, throws 500 for a negative page or page size, because Restcomm's database rejects the query. */
export function slicePage<Row>(rows: readonly Row[], { page, pageSize }: ParsedPageRequest): readonly Row[] {
  if (pageSize < 0 || page < 0) throw new HttpError(500)
  return rows.slice(page * pageSize, (page + 1) * pageSize)
}

/** Returns the first `limit` rows. Copies the list only if the list is longer. */
export function applyLimit<Row>(rows: readonly Row[], { limit }: ParsedPageRequest): readonly Row[] {
  return limit === null || rows.length <= limit ? rows : rows.slice(0, Math.max(0, limit))
}
