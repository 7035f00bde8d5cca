import { type Conference, type ConferenceFilter, isReadable } from '../../model.ts'
import { RestcommError } from '../errors.ts'
import { SqlLikePattern } from './sqlLikePattern.ts'

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
 * Some servers ignore filter conditions. The returned function throws `filterIgnored` if the conference does not match the
 * filter. A value that cannot be read cannot be checked, so the value matches. A missing name or an unknown status can be
 * checked: Restcomm compares both with LIKE, which matches neither, so such a row proves that the condition was ignored.
 */
export function createFilterCheck(filter: ConferenceFilter): (conference: Conference) => void {
  const { status, friendlyName, createdOnOrAfter, updatedOnOrBefore } = filter
  const matchesName = friendlyName === undefined ? null : createNameMatcher(friendlyName)
  return conference => {
    if (status !== undefined && isReadable(conference.status) && conference.status !== status)
      throw filterIgnored('status')
    if (matchesName !== null && !matchesName(conference)) throw filterIgnored('friendlyName')
    // Dates in filters and dates in responses have an identical time zone, so no conversion is necessary.
    const { dateCreated, dateUpdated } = conference
    if (createdOnOrAfter !== undefined && isReadable(dateCreated) && dateCreated.slice(0, 10) < createdOnOrAfter) {
      throw filterIgnored('createdOnOrAfter')
    }
    if (updatedOnOrBefore !== undefined && isReadable(dateUpdated) && !isOnOrBefore(updatedOnOrBefore, dateUpdated)) {
      throw filterIgnored('updatedOnOrBefore')
    }
  }
}

/**
 * A conference without a name matches no pattern, not even `%`. Case and accents matter in Connect's bundled database
 * but not in MariaDB by default, so a match with or without regard to case and accents counts.
 */
function createNameMatcher(pattern: string) {
  const exact = new SqlLikePattern(pattern)
  const folded = new SqlLikePattern(foldCaseAndAccents(pattern))
  return ({ friendlyName }: Conference): boolean => {
    if (!isReadable(friendlyName)) return true
    if (friendlyName === null) return false
    return exact.matches(friendlyName) || folded.matches(foldCaseAndAccents(friendlyName))
  }
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
