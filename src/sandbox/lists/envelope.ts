import type { Json } from '../http/response.ts'
import { HttpError } from '../http/response.ts'

/** `connect` is the open-source server. The hosted service, `cloud`, counts pages differently and has a `limit`. */
export type Dialect = 'connect' | 'cloud'

/** In Restcomm, all requests for a kind of list share a single object with the fields. */
export interface EnvelopeFields {
  total: number
  page: number
  pageSize: number
  uri: string
}

/** Returns the shared fields at read number `reading`. Each member of an envelope is a separate read. */
export type FieldsAt = (reading: number) => EnvelopeFields

interface EnvelopeOptions {
  dialect: Dialect
  /** The SIDs of the rows in the response. */
  sids: readonly string[]
  /** The maximum number of rows on all pages together in the `cloud` dialect; null in `connect`. */
  limit: number | null
  /**
   * Applies if the response has no row at index `pageSize - 1` for `AfterSid`, because the page size of a concurrent
   * request exceeds the number of rows. `fail` answers 500.
   */
  onMissingRow: 'fail' | 'use last row'
}

/** Pages count from 0. In Connect, if the total is a multiple of the page size, the last page is empty. */
export function lastPageNumber(
  dialect: Dialect,
  { total, pageSize }: Pick<EnvelopeFields, 'total' | 'pageSize'>,
): number {
  return dialect === 'cloud' ? Math.max(0, Math.ceil(total / pageSize) - 1) : Math.trunc(total / pageSize) || 0
}

const NO_PAGE = 'null'

function pageUri({ uri, pageSize }: EnvelopeFields, { limit }: EnvelopeOptions, page: number): string {
  return `${uri}?Page=${page}&PageSize=${pageSize}${limit === null ? '' : `&Limit=${limit}`}`
}

// Like Restcomm, reads the row at index `pageSize - 1`. A concurrent request can change `pageSize`.
function afterSidOf({ pageSize }: EnvelopeFields, { sids, onMissingRow }: EnvelopeOptions): string {
  const sid = sids[pageSize - 1] ?? (onMissingRow === 'use last row' ? (sids.at(-1) ?? '') : undefined)
  if (sid === undefined) throw new HttpError(500)
  return sid
}

const firstRowIndex = ({ page, pageSize }: EnvelopeFields): number => page * pageSize || 0

const isLastPage = (fields: EnvelopeFields, { dialect }: EnvelopeOptions): boolean =>
  fields.page === lastPageNumber(dialect, fields)

type EnvelopeMember = readonly [member: string, read: (fields: EnvelopeFields, rows: EnvelopeOptions) => Json]

const MEMBERS: readonly EnvelopeMember[] = [
  ['page', fields => fields.page],
  ['num_pages', (fields, { dialect }) => lastPageNumber(dialect, fields)],
  ['page_size', fields => fields.pageSize],
  ['total', fields => fields.total],
  ['start', fields => String(firstRowIndex(fields))],
  [
    'end',
    // Like in Restcomm, the last page has an exclusive `end`. All previous pages have an inclusive `end`.
    (fields, rows) =>
      String(firstRowIndex(fields) + (isLastPage(fields, rows) ? rows.sids.length : fields.pageSize - 1)),
  ],
  ['uri', fields => fields.uri],
  ['first_page_uri', (fields, rows) => pageUri(fields, rows, 0)],
  ['previous_page_uri', (fields, rows) => (fields.page === 0 ? NO_PAGE : pageUri(fields, rows, fields.page - 1))],
  [
    'next_page_uri',
    (fields, rows) =>
      isLastPage(fields, rows)
        ? NO_PAGE
        : `${pageUri(fields, rows, fields.page + 1)}&AfterSid=${afterSidOf(fields, rows)}`,
  ],
  ['last_page_uri', (fields, rows) => pageUri(fields, rows, lastPageNumber(rows.dialect, fields))],
]

export const MEMBER_COUNT = MEMBERS.length

/** Like Restcomm, reads the shared fields anew for each member of the envelope. */
export function buildEnvelope(fieldsAt: FieldsAt, rows: EnvelopeOptions): Record<string, Json> {
  const envelope: Record<string, Json> = {}
  for (const [reading, [member, read]] of MEMBERS.entries()) {
    envelope[member] = read(fieldsAt(reading), rows)
    if (member === 'total' && rows.limit !== null) envelope.limit = rows.limit
  }
  return envelope
}
