import { hash } from 'node:crypto'
import { type Decoded, SID_PATTERNS } from '../model.ts'
import { DecodingError, invalidMember, withArticle } from './errors.ts'

/** A JSON object of a response. `label` names the object in error messages. */
export interface JsonObject {
  readonly label: string
  readonly members: Readonly<Record<string, unknown>>
}

export function asObject(label: string, value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodingError(`Restcomm returned a malformed ${label}: expected a JSON object.`)
  }
  return { label, members: value as Record<string, unknown> }
}

export function asArray(label: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new DecodingError(`Restcomm returned a malformed ${label}: expected a JSON array.`)
}

/** Decodes a row of a list. Returns the error of a row without a valid identity, so that the other rows stay usable. */
export function decodeRow<T>(row: unknown, decode: (row: unknown) => T): T | DecodingError {
  try {
    return decode(row)
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error
    return new DecodingError(error.message, errorRowId(row))
  }
}

/** Ignores members that can change. Returns `-` if neither `sid` nor `uri` distinguishes the row from other rows. */
function errorRowId(row: unknown): string {
  const { sid, uri, account_sid: account, date_created: created } = Object(row) as Readonly<Record<string, unknown>>
  if (typeof sid !== 'string' && typeof uri !== 'string') return '-'
  const texts = [sid, uri, account, created].map(value => (typeof value === 'string' ? value : null))
  return `-${hash('sha256', JSON.stringify(texts)).slice(0, 32)}`
}

export function string(json: JsonObject, field: string): Decoded<string> {
  const value = json.members[field]
  return typeof value === 'string' ? value : invalidMember(json.label, field, 'a string')
}

/** Depending on the server, a field without a value is omitted or `null`. Returns null for both. */
export function optional<V>(json: JsonObject, field: string, read: (json: JsonObject, field: string) => V): V | null {
  return json.members[field] == null ? null : read(json, field)
}

/** Saves a pattern match per row, because the rows of a list usually have equal account SIDs. */
let lastValidAccountSid: string | null = null

/** Part of the identity of a row, without which the gateway cannot use the row. Throws a `DecodingError`. */
export function identity(json: JsonObject, field: string, kind: keyof typeof SID_PATTERNS): string {
  const value = json.members[field]
  if (typeof value === 'string' && value === lastValidAccountSid && kind === 'account') return value
  const decoded = sid(json, field, kind)
  if (decoded instanceof Error) throw decoded
  if (kind === 'account') lastValidAccountSid = decoded
  return decoded
}

export function sid(json: JsonObject, field: string, kind: keyof typeof SID_PATTERNS): Decoded<string> {
  const value = json.members[field]
  const isValid = typeof value === 'string' && SID_PATTERNS[kind].test(value)
  return isValid ? value : invalidMember(json.label, field, `the SID of ${withArticle(kind)}`)
}

export function boolean(json: JsonObject, field: string): Decoded<boolean> {
  const value = json.members[field]
  return typeof value === 'boolean' ? value : invalidMember(json.label, field, 'true or false')
}

/** Accepts numeric strings, because Restcomm writes some numbers as JSON strings. */
export function number(json: JsonObject, field: string): Decoded<number> {
  const value = json.members[field]
  const parsed = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
  const isValid = typeof parsed === 'number' && Number.isFinite(parsed)
  return isValid ? parsed : invalidMember(json.label, field, 'a number')
}

/** Rejects fractions, and integers outside the range of GraphQL's `Int`. */
export function integer(json: JsonObject, field: string): Decoded<number> {
  const value = number(json, field)
  if (value instanceof Error) return value
  const isValid = Number.isInteger(value) && Math.abs(value) <= 2_147_483_647
  return isValid ? value : invalidMember(json.label, field, 'a 32-bit integer')
}

/** Ignores case and reads `-` as `_`. Returns `UNKNOWN` for a value outside `values`. */
export function enumValue<V extends string>(text: Decoded<string>, values: readonly V[]): Decoded<V | 'UNKNOWN'> {
  if (text instanceof Error) return text
  const exactIndex = values.indexOf(text as V)
  const index = exactIndex >= 0 ? exactIndex : values.indexOf(text.toUpperCase().replaceAll('-', '_') as V)
  return values[index] ?? 'UNKNOWN'
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const RFC_2822_DATE = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/
const RFC_3339_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
/** Matches offsets from -14:59 to +14:59. */
const UTC_OFFSET = /^[+-](?:0\d|1[0-4]):[0-5]\d$/

/** Caches dates, because parsing a date is slower than decoding the rest of a row. An entry takes about 100 bytes. */
const dateCache = new Map<string, string>()
const MAX_CACHED_DATES = 50_000

/** Accepts RFC 2822 (`Tue, 31 May 2016 16:15:51 +0300`) and RFC 3339. Returns RFC 3339 and keeps the UTC offset. */
export function dateTime(json: JsonObject, field: string): Decoded<string> {
  const value = string(json, field)
  if (value instanceof Error) return value
  const cached = dateCache.get(value)
  if (cached !== undefined) return cached
  const parsed = RFC_3339_DATE.test(value) ? value : parseRfc2822Date(value)
  if (parsed === null || !isExistingDateTime(parsed)) return invalidMember(json.label, field, 'a date')
  if (dateCache.size >= MAX_CACHED_DATES) dateCache.clear()
  dateCache.set(value, parsed)
  return parsed
}

function parseRfc2822Date(value: string): string | null {
  const [, day = '', monthName = '', year, time, hours, minutes] = RFC_2822_DATE.exec(value) ?? []
  const month = MONTHS.indexOf(monthName) + 1
  if (month === 0) return null
  return `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}T${time}${hours}:${minutes}`
}

/**
 * `Date` turns 31 February into a date in March. A date exists if `Date` returns the date unchanged. A date outside of the
 * years 0 to 9999 in UTC has no form in RFC 3339.
 */
function isExistingDateTime(dateTime: string): boolean {
  const local = dateTime.slice(0, 19)
  const date = new Date(`${local}Z`)
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local)
  const isValid = exists && (dateTime.endsWith('Z') || UTC_OFFSET.test(dateTime.slice(-6)))
  // `Date` writes years outside of 0 to 9999 with a sign.
  return isValid && /^\d/.test(new Date(dateTime).toISOString())
}
