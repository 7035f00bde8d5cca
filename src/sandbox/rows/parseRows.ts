import { API_VERSION } from './newRows.ts'
import type { Rows } from './rows.ts'
import { TIMESTAMP } from './timestamp.ts'

/** A `?` allows null and missing columns; a missing column becomes null. */
type ColumnType = 'text' | 'time' | 'number' | 'text?' | 'time?' | 'number?' | 'boolean?'

type Columns = Readonly<Record<string, ColumnType>>

const COMMON_COLUMNS = { sid: 'text', date_created: 'time', date_updated: 'time' } as const

const TABLES = {
  organizations: { ...COMMON_COLUMNS, domain_name: 'text', status: 'text' },
  accounts: {
    ...COMMON_COLUMNS,
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
    ...COMMON_COLUMNS,
    account_sid: 'text',
    status: 'text',
    friendly_name: 'text?',
    api_version: 'text',
    uri: 'text',
    master_ms_id: 'text?',
    master_present: 'boolean?',
  },
  calls: {
    ...COMMON_COLUMNS,
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
    ...COMMON_COLUMNS,
    account_sid: 'text',
    call_sid: 'text',
    duration: 'number',
    api_version: 'text',
    uri: 'text',
    file_uri: 'text?',
  },
} as const satisfies Record<string, Columns>

const TABLE_NAMES = Object.keys(TABLES).join(', ')
const OPTIONAL_TABLES = new Set(['recordings'])

const TYPE_CHECKS: Record<string, (value: unknown) => boolean> = {
  text: value => typeof value === 'string',
  time: value => typeof value === 'string' && TIMESTAMP.test(value),
  number: value => typeof value === 'number',
  boolean: value => typeof value === 'boolean',
}

const TYPE_DESCRIPTIONS: Record<string, string> = {
  text: 'a string',
  time: 'a UTC time such as "2019-01-31 23:59:59.999"',
  number: 'a number',
  boolean: 'true or false',
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const MAX_SHOWN_CHARS = 80

function describe(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, MAX_SHOWN_CHARS)
}

/** Reports an invalid rows file. The message names the table, the row and the column. */
export class RowsError extends Error {
  override name = 'RowsError'
}

function parseRow(columns: Columns, row: unknown, location: string): Record<string, unknown> {
  if (!isObject(row)) throw new RowsError(`${location} is ${describe(row)}: expected an object.`)
  const parsed = Object.entries(columns).map(([column, kind]) => {
    const value = row[column] ?? (column === 'api_version' ? API_VERSION : null)
    const type = kind.replace('?', '')
    if (!(value === null && kind.endsWith('?')) && !TYPE_CHECKS[type]?.(value)) {
      const given = column === 'auth_token' ? 'invalid' : describe(row[column])
      const orNull = kind.endsWith('?') ? ' or null' : ''
      throw new RowsError(`${location}: ${column} is ${given}, expected ${TYPE_DESCRIPTIONS[type]}${orNull}.`)
    }
    return [column, value] as const
  })
  // Objects filled property by property have slow copies, because V8 stores a call, with 26 columns, as a hash table.
  return Object.fromEntries(parsed)
}

function parseTable(table: string, columns: Columns, rows: unknown): Record<string, unknown>[] {
  if (rows === undefined && OPTIONAL_TABLES.has(table)) return []
  if (!Array.isArray(rows)) throw new RowsError(`"${table}" is ${describe(rows)}: expected an array of rows.`)
  const sids = new Set<unknown>()
  return rows.map((row, index) => {
    const parsed = parseRow(columns, row, `${table}[${index}]`)
    if (sids.has(parsed.sid))
      throw new RowsError(`${table}[${index}]: duplicate sid ${parsed.sid}, expected a unique sid.`)
    sids.add(parsed.sid)
    return parsed
  })
}

/**
 * Parses a JSON file with rows. Ignores unknown columns. Does not check references between rows. Throws a `RowsError`
 * for invalid text.
 */
export function parseRows(text: string): Rows {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause
    throw new RowsError(`The rows are not valid JSON (${reason}): expected an object of arrays, ${TABLE_NAMES}.`, {
      cause,
    })
  }
  if (!isObject(json)) {
    throw new RowsError(`The rows are ${describe(json)}: expected a JSON object of arrays, ${TABLE_NAMES}.`)
  }
  const tables: Record<string, unknown> = { labels: json.labels, note: json.note }
  for (const [table, columns] of Object.entries(TABLES)) tables[table] = parseTable(table, columns, json[table])
  // The cast is safe, because `parseTable` has checked the type of every column.
  return tables as unknown as Rows
}
