import type { Conference, ConferenceFilter } from '../../model.ts'
import { RestcommError } from '../errors.ts'
import { isLike } from './sqlLike.ts'

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
 * Throws where a row does not meet the filter: a server that ignores a condition answers with rows all the same, and
 * they would pass for what was asked.
 */
export const checkConference = (filter: ConferenceFilter, conference: Conference): void => {
  const { status, friendlyName, createdOnOrAfter, updatedOnOrBefore } = filter
  if (status !== undefined && conference.status !== status) throw ignored('status')
  if (friendlyName !== undefined && !isNamed(conference, friendlyName)) throw ignored('friendlyName')
  // The server compares days in its own time zone, which is the one that it writes its dates in.
  if (createdOnOrAfter !== undefined && conference.dateCreated.slice(0, 10) < createdOnOrAfter) {
    throw ignored('createdOnOrAfter')
  }
  if (updatedOnOrBefore !== undefined && !isKeptBy(updatedOnOrBefore, conference)) {
    throw ignored('updatedOnOrBefore')
  }
}

/**
 * A conference without a name is like no pattern, not even `%`. Whether case and accents count is up to the server's
 * database: to the one that Connect ships with they do, to MariaDB by its defaults they do not.
 */
const isNamed = ({ friendlyName }: Conference, pattern: string): boolean =>
  friendlyName !== null && (isLike(friendlyName, pattern) || isLike(folded(friendlyName), folded(pattern)))

const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()

const ignored = (condition: string): RestcommError =>
  new RestcommError('filterIgnored', `Restcomm ignored the condition \`${condition}\`.`)

/** The server adds a day to the one that it was given, and so keeps rows up to the first moment of the next. */
const isKeptBy = (day: string, { dateUpdated }: Conference): boolean =>
  // The day after the last that four digits can write sorts before all others.
  dateUpdated.slice(0, 10) <= day || dateUpdated.slice(0, 19) === startOfNext(day)

const startOfNext = (day: string): string => new Date(Date.parse(`${day}T24:00:00Z`)).toISOString().slice(0, 19)
