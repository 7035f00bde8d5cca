import { type Conference, type ConferenceFilter, isReadable } from '../../model.ts'
import { RestcommError } from '../errors.ts'

export function toFilterQuery(filter: ConferenceFilter): URLSearchParams {
  const query = new URLSearchParams()
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined) query.set(name, String(value))
  }
  add('Status', filter.status)
  add('FriendlyName', filter.friendlyName)
  add('DateCreated', filter.createdOnOrAfter)
  add('DateUpdated', filter.updatedOnOrBefore)
  add('Limit', filter.limit)
  add('StartTime', filter.startTime)
  add('EndTime', filter.endTime)
  add('CallSid', filter.callSid)
  return query
}

/**
 * Some servers ignore filter conditions. Throws `filterIgnored` if the conference does not match the filter. A value that
 * cannot be read cannot be checked, so the value matches. A missing name or an unknown status can be checked: Restcomm
 * compares both with LIKE, which matches neither, so such a row proves that the condition was ignored.
 */
export function assertMatchesFilter(filter: ConferenceFilter, conference: Conference): void {
  const { status, friendlyName, createdOnOrAfter, updatedOnOrBefore } = filter
  if (status !== undefined && isReadable(conference.status) && conference.status !== status)
    throw filterIgnored('status')
  if (friendlyName !== undefined && !matchesName(conference, friendlyName)) throw filterIgnored('friendlyName')
  // Dates in filters and dates in responses have an identical time zone, so no conversion is necessary.
  const { dateCreated, dateUpdated } = conference
  if (createdOnOrAfter !== undefined && isReadable(dateCreated) && dateCreated.slice(0, 10) < createdOnOrAfter) {
    throw filterIgnored('createdOnOrAfter')
  }
  if (updatedOnOrBefore !== undefined && isReadable(dateUpdated) && !isOnOrBefore(updatedOnOrBefore, dateUpdated)) {
    throw filterIgnored('updatedOnOrBefore')
  }
}

/**
 * A conference without a name matches no pattern, not even `%`. Case and accents matter in Connect's bundled database
 * but not in MariaDB by default, so a match with or without regard to case and accents counts.
 */
function matchesName({ friendlyName }: Conference, pattern: string): boolean {
  if (!isReadable(friendlyName)) return true
  if (friendlyName === null) return false
  return (
    matchesSqlLike(friendlyName, pattern) ||
    matchesSqlLike(foldCaseAndAccents(friendlyName), foldCaseAndAccents(pattern))
  )
}

function foldCaseAndAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()
}

function filterIgnored(condition: string): RestcommError {
  return new RestcommError(
    'filterIgnored',
    `Restcomm ignored the filter condition \`${condition}\`: omit the condition.`,
  )
}

/** Restcomm includes conferences updated on `date` or at 00:00:00 of the next day. */
function isOnOrBefore(date: string, dateUpdated: string): boolean {
  // A single comparison with the next day would fail for 9999-12-31, because "+010000-01-01" sorts before all dates.
  const startOfNextDay = new Date(Date.parse(`${date}T24:00:00Z`)).toISOString()
  return dateUpdated.slice(0, 10) <= date || dateUpdated.slice(0, 19) === startOfNextDay.slice(0, 19)
}

/**
 * Evaluates an SQL LIKE pattern without escapes: `%` matches any text, `_` any character. In some databases, a
 * character is a UTF-16 code unit; in some, a code point. Either match counts.
 */
export function matchesSqlLike(text: string, pattern: string): boolean {
  const parts = pattern.split('%')
  const codeUnits = (part: string) => part.split('')
  const codePoints = (part: string) => [...part]
  return [codeUnits, codePoints].some(split => matchesParts(split(text), parts.map(split)))
}

/** Finds each part behind the previous part, so the time is at most proportional to text length × pattern length. */
function matchesParts(text: readonly string[], [first = [], ...middle]: readonly (readonly string[])[]): boolean {
  const matchesAt = (part: readonly string[], start: number) =>
    part.every((character, i) => character === text[start + i] || (character === '_' && start + i < text.length))
  const last = middle.pop()
  if (!matchesAt(first, 0)) return false
  if (last === undefined) return text.length === first.length
  let start = first.length
  for (const part of middle) {
    while (start + part.length <= text.length && !matchesAt(part, start)) start++
    start += part.length
  }
  return start + last.length <= text.length && matchesAt(last, text.length - last.length)
}
