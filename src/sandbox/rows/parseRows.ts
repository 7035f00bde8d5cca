import { API_VERSION } from './newRows.ts'
import type { Rows } from './rows.ts'
import { TIMESTAMP } from './timestamp.ts'

/** What a column holds; a `?` allows null, which is also what a column left out becomes. */
type Kind = 'text' | 'time' | 'number' | 'text?' | 'time?' | 'number?' | 'boolean?'

type Columns = Readonly<Record<string, Kind>>

const OWN = { sid: 'text', date_created: 'time', date_updated: 'time' } as const

const TABLES = {
  organizations: { ...OWN, domain_name: 'text', status: 'text' },
  accounts: {
    ...OWN,
    email_address: 'text',
    friendly_name: 'text',
    parent_sid: 'text?',
    type: 'text',
    status: 'text',
    auth_token: 'text',
    role: 'text',
    uri: 'text',
    organization_sid: 'text?',
  },
  conferences: {
    ...OWN,
    account_sid: 'text',
    status: 'text',
    friendly_name: 'text?',
    api_version: 'text',
    uri: 'text',
    master_ms_id: 'text?',
    master_present: 'boolean?',
  },
  calls: {
    ...OWN,
    parent_call_sid: 'text?',
    account_sid: 'text',
    sender: 'text',
    recipient: 'text',
    phone_number_sid: 'text?',
    status: 'text',
    start_time: 'time?',
    end_time: 'time?',
    duration: 'number?',
    price: 'text?',
    direction: 'text',
    answered_by: 'text?',
    api_version: 'text',
    forwarded_from: 'text?',
    caller_name: 'text?',
    uri: 'text',
    call_path: 'text?',
    ring_duration: 'number?',
    instanceid: 'text?',
    conference_sid: 'text?',
    muted: 'boolean?',
    start_conference_on_enter: 'boolean?',
    end_conference_on_exit: 'boolean?',
    on_hold: 'boolean?',
    ms_id: 'text?',
  },
  recordings: {
    ...OWN,
    account_sid: 'text',
    call_sid: 'text',
    duration: 'number',
    api_version: 'text',
    uri: 'text',
    file_uri: 'text?',
  },
} as const satisfies Record<string, Columns>

const OPTIONAL_TABLES = new Set(['recordings'])

const FITS: Record<string, (value: unknown) => boolean> = {
  text: value => typeof value === 'string',
  time: value => typeof value === 'string' && TIMESTAMP.test(value),
  number: value => typeof value === 'number',
  boolean: value => typeof value === 'boolean',
}

const NAMES: Record<string, string> = {
  text: 'a text',
  time: 'a time like "2019-01-31 23:59:59.999" (UTC)',
  number: 'a number',
  boolean: 'true or false',
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The rows could not be read; the message names the table, the row and the column. */
export class RowsError extends Error {
  override name = 'RowsError'
}

const parseRow = (columns: Columns, row: unknown, where: string): Record<string, unknown> => {
  if (!isObject(row)) throw new RowsError(`${where} is not an object.`)
  const parsed: Record<string, unknown> = {}
  for (const [column, kind] of Object.entries(columns)) {
    const value = row[column] ?? (column === 'api_version' ? API_VERSION : null)
    const type = kind.replace('?', '')
    if (!(value === null && kind.endsWith('?')) && !FITS[type]?.(value)) {
      throw new RowsError(`${where}: ${column} must be ${NAMES[type]}${kind.endsWith('?') ? ' or null' : ''}.`)
    }
    parsed[column] = value
  }
  return parsed
}

const parseTable = (table: string, columns: Columns, rows: unknown): Record<string, unknown>[] => {
  if (rows === undefined && OPTIONAL_TABLES.has(table)) return []
  if (!Array.isArray(rows)) throw new RowsError(`The rows need a list named "${table}".`)
  const sids = new Set<unknown>()
  return rows.map((row, index) => {
    const parsed = parseRow(columns, row, `${table}[${index}]`)
    if (sids.has(parsed.sid)) throw new RowsError(`${table}[${index}]: the sid ${parsed.sid} is there twice.`)
    sids.add(parsed.sid)
    return parsed
  })
}

/**
 * Rows from the text of a JSON file. Nullable columns may be left out, unknown ones are ignored, and whether the SIDs
 * that rows name exist is not looked at. Throws a RowsError that says what is wrong where.
 */
export const parseRows = (text: string): Rows => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new RowsError(`The rows are not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  if (!isObject(json)) throw new RowsError('The rows must be an object of lists.')
  const tables: Record<string, unknown> = { labels: json.labels, note: json.note }
  for (const [table, columns] of Object.entries(TABLES)) tables[table] = parseTable(table, columns, json[table])
  // Checked column by column above, against the same columns that the type lists.
  return tables as unknown as Rows
}
