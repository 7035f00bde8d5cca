import { SID_PATTERNS } from '../model.ts'
import { malformedResponse, RestcommError } from './errors.ts'

/** A JSON object of a response. `label` names the object in error messages. */
export interface JsonObject {
  readonly label: string
  readonly members: Readonly<Record<string, unknown>>
}

export function asObject(label: string, value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RestcommError('malformed', `Restcomm returned a malformed ${label}: expected a JSON object.`)
  }
  return { label, members: value as Record<string, unknown> }
}

export function asArray(label: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new RestcommError('malformed', `Restcomm returned a malformed ${label}: expected a JSON array.`)
}

export function string(json: JsonObject, field: string): string {
  const value = json.members[field]
  if (typeof value !== 'string') throw malformedResponse(json.label, field, 'a string')
  return value
}

/** Depending on the server, a field without a value is omitted or `null`. Returns null for both. */
export function optional<V>(json: JsonObject, field: string, read: (json: JsonObject, field: string) => V): V | null {
  return json.members[field] == null ? null : read(json, field)
}

/** Saves a pattern match per row, because the rows of a list usually have equal account SIDs. */
let lastValidAccountSid: string | null = null

export function sid(json: JsonObject, field: string, kind: keyof typeof SID_PATTERNS): string {
  const value = string(json, field)
  if (value === lastValidAccountSid && kind === 'account') return value
  if (!SID_PATTERNS[kind].test(value)) throw malformedResponse(json.label, field, `the SID of a ${kind}`)
  if (kind === 'account') lastValidAccountSid = value
  return value
}

export function boolean(json: JsonObject, field: string): boolean {
  const value = json.members[field]
  if (typeof value !== 'boolean') throw malformedResponse(json.label, field, 'true or false')
  return value
}

/** Accepts numeric strings, because Restcomm writes some numbers as JSON strings. */
export function number(json: JsonObject, field: string): number {
  const value = json.members[field]
  const parsed = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof parsed !== 'number' || !Number.isFinite(parsed)) throw malformedResponse(json.label, field, 'a number')
  return parsed
}

/** Rejects fractions, and integers outside the range of GraphQL's `Int`. */
export function integer(json: JsonObject, field: string): number {
  const value = number(json, field)
  if (!Number.isInteger(value) || Math.abs(value) > 2_147_483_647) {
    throw malformedResponse(json.label, field, 'a 32-bit integer')
  }
  return value
}

/** Ignores case and reads `-` as `_`. Returns `UNKNOWN` for a value outside `values`. */
export function enumValue<V extends string>(text: string, values: readonly V[]): V | 'UNKNOWN' {
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
export function dateTime(json: JsonObject, field: string): string {
  const value = string(json, field)
  const cached = dateCache.get(value)
  if (cached !== undefined) return cached
  const parsed = RFC_3339_DATE.test(value) ? value : parseRfc2822Date(value)
  if (parsed === null || !isExistingDateTime(parsed)) throw malformedResponse(json.label, field, 'a date')
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

/** `Date` turns 31 February into a date in March. A date exists if `Date` returns the date unchanged. */
function isExistingDateTime(dateTime: string): boolean {
  const local = dateTime.slice(0, 19)
  const date = new Date(`${local}Z`)
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local)
  return exists && (dateTime.endsWith('Z') || UTC_OFFSET.test(dateTime.slice(-6)))
}
