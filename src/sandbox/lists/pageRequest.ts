import type { Parameters } from '../http/parameters.ts'
import { Refusal } from '../http/response.ts'
import type { Dialect } from './envelope.ts'
import { lastPageNumber } from './envelope.ts'
import { javaInteger } from './javaInteger.ts'

const DEFAULT_PAGE_SIZE = '50'
const DEFAULT_LIMIT = '10000'

export interface ListSettings {
  dialect: Dialect
  /** Cloud only. A larger PageSize is cut down to it, and the envelope says so. */
  maxPageSize: number | null
  /** Participants come by the page. Connect never does that. */
  pagedParticipants: boolean
}

export interface PageRequest {
  page: number
  pageSize: number
  /** Cloud only: the most rows the list may have. */
  limit: number | null
}

export const pageRequest = (query: Parameters, settings: ListSettings): PageRequest => {
  const page = javaInteger(query.get('Page') ?? '0')
  const asked = javaInteger(query.get('PageSize') ?? DEFAULT_PAGE_SIZE)
  if (settings.dialect === 'connect') return { page, pageSize: asked, limit: null }
  const limit = javaInteger(query.get('Limit') ?? DEFAULT_LIMIT)
  return { page, pageSize: Math.min(asked, settings.maxPageSize ?? asked), limit }
}

/** A page behind the last is a 400, no page at all (a size of zero) a 500. */
export const checkPage = ({ page, pageSize }: PageRequest, total: number, dialect: Dialect): void => {
  if (pageSize === 0) throw new Refusal(500)
  if (page > lastPageNumber(dialect, { total, pageSize })) throw new Refusal(400)
}

/** The rows of a page that the database cuts; it refuses negative numbers, which is a 500. */
export const cutPage = <Row>(rows: readonly Row[], { page, pageSize }: PageRequest): readonly Row[] => {
  if (pageSize < 0 || page < 0) throw new Refusal(500)
  return rows.slice(page * pageSize, (page + 1) * pageSize)
}

/** The list as far as the limit lets it reach. Does not copy when it reaches to the end. */
export const withinLimit = <Row>(rows: readonly Row[], { limit }: PageRequest): readonly Row[] =>
  limit === null || rows.length <= limit ? rows : rows.slice(0, Math.max(0, limit))
