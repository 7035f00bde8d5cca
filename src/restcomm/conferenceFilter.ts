import type { Conference, ConferenceFilter } from '../model.ts'
import { RestcommError } from './errors.ts'

/** The filter under Restcomm's names. `filter` has been checked: days that exist, a status that is one. */
export const conferenceQuery = (filter: ConferenceFilter): URLSearchParams => {
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
 * Returns a check that a row meets the filter, which throws where it does not: a server that ignores a filter answers
 * with rows all the same, and they would pass for what was asked.
 */
export const conferenceCheck = (filter: ConferenceFilter): ((conference: Conference) => void) => {
  const name = filter.friendlyName === undefined ? null : likePattern(filter.friendlyName)
  return conference => {
    if (filter.status !== undefined && conference.status !== filter.status) throw ignored('status')
    if (name !== null && !name.test(conference.friendlyName ?? '\0')) throw ignored('friendlyName')
    // The server compares days in its own time zone, which is the one that it writes its dates in.
    if (filter.createdOnOrAfter !== undefined && conference.dateCreated.slice(0, 10) < filter.createdOnOrAfter) {
      throw ignored('createdOnOrAfter')
    }
    if (
      filter.updatedOnOrBefore !== undefined &&
      conference.dateUpdated.slice(0, 10) > nextDay(filter.updatedOnOrBefore)
    ) {
      throw ignored('updatedOnOrBefore')
    }
  }
}

const ignored = (condition: string): RestcommError =>
  new RestcommError('filterIgnored', `Restcomm ignored the condition \`${condition}\`.`)

/** The server adds a day to the day that it was given, and so keeps rows up to the first moment of the next. */
const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** SQL's LIKE: `%` for any text, `_` for any one character, case-sensitive, nothing escapes them. */
export const likePattern = (like: string): RegExp => {
  const source = like
    .replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, 'su')
}
