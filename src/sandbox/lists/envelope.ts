import type { Json } from '../http/response.ts'
import { Refusal } from '../http/response.ts'

/** Connect is the open-source server, cloud the hosted one: other page arithmetic, and a `limit`. */
export type Dialect = 'connect' | 'cloud'

/** What the server keeps of a list request in one place for all requests, and so mixes up under load. */
export interface ListFields {
  total: number
  page: number
  pageSize: number
  uri: string
}

/** The shared fields as they stand at the nth reading. */
export type FieldsAt = (reading: number) => ListFields

interface ListedRows {
  dialect: Dialect
  /** The SIDs of the rows that go out under this envelope. */
  sids: readonly string[]
  /** Cloud only: the most rows a list may have. */
  limit: number | null
  /** What to do where a link needs a row that the answer does not have, as happens under a foreign page size. */
  missingRow: 'fails' | 'is the last'
}

/** Pages run from 0 to this number, inclusive. On Connect that makes an empty last page of every exact multiple. */
export const lastPageNumber = (
  dialect: Dialect,
  { total, pageSize }: Pick<ListFields, 'total' | 'pageSize'>,
): number => (dialect === 'cloud' ? Math.max(0, Math.ceil(total / pageSize) - 1) : Math.trunc(total / pageSize) || 0)

const NO_PAGE = 'null'

const link = ({ uri, pageSize }: ListFields, { limit }: ListedRows, page: number): string =>
  `${uri}?Page=${page}&PageSize=${pageSize}${limit === null ? '' : `&Limit=${limit}`}`

// The row is looked for by the page size, not by where the page ends.
const afterSid = ({ pageSize }: ListFields, { sids, missingRow }: ListedRows): string => {
  const sid = sids[pageSize - 1] ?? (missingRow === 'is the last' ? (sids.at(-1) ?? '') : undefined)
  if (sid === undefined) throw new Refusal(500)
  return sid
}

const start = ({ page, pageSize }: ListFields): number => page * pageSize || 0

const isLast = (fields: ListFields, { dialect }: ListedRows): boolean => fields.page === lastPageNumber(dialect, fields)

type Reading = readonly [member: string, read: (fields: ListFields, rows: ListedRows) => Json]

const READINGS: readonly Reading[] = [
  ['page', fields => fields.page],
  ['num_pages', (fields, { dialect }) => lastPageNumber(dialect, fields)],
  ['page_size', fields => fields.pageSize],
  ['total', fields => fields.total],
  ['start', fields => String(start(fields))],
  [
    'end',
    // The last page ends behind its last row, every other page on it.
    (fields, rows) => String(start(fields) + (isLast(fields, rows) ? rows.sids.length : fields.pageSize - 1)),
  ],
  ['uri', fields => fields.uri],
  ['first_page_uri', (fields, rows) => link(fields, rows, 0)],
  ['previous_page_uri', (fields, rows) => (fields.page === 0 ? NO_PAGE : link(fields, rows, fields.page - 1))],
  [
    'next_page_uri',
    (fields, rows) =>
      isLast(fields, rows) ? NO_PAGE : `${link(fields, rows, fields.page + 1)}&AfterSid=${afterSid(fields, rows)}`,
  ],
  ['last_page_uri', (fields, rows) => link(fields, rows, lastPageNumber(rows.dialect, fields))],
]

/** How many readings make an envelope. */
export const READING_COUNT = READINGS.length

/** The envelope, its members read one after the other, while the fields may change in between. */
export const readEnvelope = (fieldsAt: FieldsAt, rows: ListedRows): Record<string, Json> => {
  const envelope: Record<string, Json> = {}
  for (const [reading, [member, read]] of READINGS.entries()) {
    envelope[member] = read(fieldsAt(reading), rows)
    if (member === 'total' && rows.limit !== null) envelope.limit = rows.limit
  }
  return envelope
}
