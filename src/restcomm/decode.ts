import { SID_FORMS } from '../model.ts'
import { malformed, RestcommError } from './errors.ts'

/** A JSON object as it came, with the noun that error messages call it by. Members that nobody reads are ignored. */
export interface Wire {
  readonly noun: string
  readonly members: Readonly<Record<string, unknown>>
}

export const wireObject = (noun: string, value: unknown): Wire => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RestcommError('malformed', `Restcomm sent a ${noun} that is not a JSON object.`)
  }
  return { noun, members: value as Record<string, unknown> }
}

export const wireArray = (noun: string, value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new RestcommError('malformed', `Restcomm sent a ${noun} that is not a JSON array.`)
  return value
}

export const text = (wire: Wire, field: string): string => {
  const value = wire.members[field]
  if (typeof value !== 'string') throw malformed(wire.noun, field, 'a text')
  return value
}

/** Restcomm leaves null members out; some servers write the null. */
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null

export const optionalText = (wire: Wire, field: string): string | null =>
  isAbsent(wire.members[field]) ? null : text(wire, field)

/** The last account's SID that was one: most rows of a list are of the same account. */
let lastAccount: string | null = null

export const sid = (wire: Wire, field: string, kind: keyof typeof SID_FORMS): string => {
  const value = text(wire, field)
  if (value === lastAccount && kind === 'account') return value
  if (!SID_FORMS[kind].test(value)) throw malformed(wire.noun, field, `the SID of a ${kind}`)
  if (kind === 'account') lastAccount = value
  return value
}

export const optionalSid = (wire: Wire, field: string, kind: keyof typeof SID_FORMS): string | null =>
  isAbsent(wire.members[field]) ? null : sid(wire, field, kind)

export const optionalFlag = (wire: Wire, field: string): boolean | null => {
  const value = wire.members[field]
  if (isAbsent(value)) return null
  if (typeof value !== 'boolean') throw malformed(wire.noun, field, 'true or false')
  return value
}

/** Restcomm writes numbers as numbers, and some of them as texts. */
export const optionalNumber = (wire: Wire, field: string): number | null => {
  const value = wire.members[field]
  if (isAbsent(value)) return null
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw malformed(wire.noun, field, 'a number')
  return number
}

/** Fits GraphQL's `Int`. */
export const optionalInteger = (wire: Wire, field: string): number | null => {
  const value = optionalNumber(wire, field)
  if (value !== null && (!Number.isInteger(value) || Math.abs(value) > 2_147_483_647)) {
    throw malformed(wire.noun, field, 'a whole number of 32 bits')
  }
  return value
}

/** The word among `words`, whatever its case and with `-` as `_`; `UNKNOWN` for a word that a later server added. */
export const oneOf = <W extends string>(text: string, words: readonly W[]): W | 'UNKNOWN' => {
  const exact = words.indexOf(text as W)
  const at = exact >= 0 ? exact : words.indexOf(text.toUpperCase().replaceAll('-', '_') as W)
  return words[at] ?? 'UNKNOWN'
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MAIL_DATE = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
/** Time zones stand at most so far from UTC. */
const OFFSET = /^[+-](?:0\d|1[0-4]):[0-5]\d$/

/**
 * Dates that were read before. The same rows come again and again, and to read a date takes longer than all else of its
 * row. Beyond this many it begins anew: a date is a tenth of a kilobyte.
 */
const REMEMBERED = 50_000
const moments = new Map<string, string>()

/** `Tue, 31 May 2016 16:15:51 +0300`, or RFC 3339 already, as RFC 3339 with the offset kept. */
export const dateTime = (wire: Wire, field: string): string => {
  const value = text(wire, field)
  const known = moments.get(value)
  if (known !== undefined) return known
  const moment = ISO_DATE.test(value) ? value : fromMailDate(value)
  if (moment === null || !isMoment(moment)) throw malformed(wire.noun, field, 'a date')
  if (moments.size >= REMEMBERED) moments.clear()
  moments.set(value, moment)
  return moment
}

export const optionalDateTime = (wire: Wire, field: string): string | null =>
  isAbsent(wire.members[field]) ? null : dateTime(wire, field)

const fromMailDate = (value: string): string | null => {
  const [, day = '', monthName = '', year, time, hours, minutes] = MAIL_DATE.exec(value) ?? []
  const month = MONTHS.indexOf(monthName) + 1
  if (month === 0) return null
  return `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}T${time}${hours}:${minutes}`
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/**
 * Whether a text of this form is a moment that exists. By arithmetic: `Date.parse` rolls 31 February over to March, and
 * to make a date of each text, and a text of that date again, takes more time than all other decoding.
 */
const isMoment = (moment: string): boolean => {
  const part = (start: number, end: number) => Number(moment.slice(start, end))
  const month = part(5, 7)
  const day = part(8, 10)
  const days = month === 2 && isLeap(part(0, 4)) ? 29 : (DAYS[month - 1] ?? 0)
  if (day < 1 || day > days || part(11, 13) > 23 || part(14, 16) > 59 || part(17, 19) > 59) return false
  return moment.endsWith('Z') || OFFSET.test(moment.slice(-6))
}
