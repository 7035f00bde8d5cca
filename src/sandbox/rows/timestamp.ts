import type { Timestamp } from './rows.ts'

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export const TIMESTAMP = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/

/**
 * Formats a timestamp. A year before 0 gives a text before all timestamps in alphabetical order. A year after 9999
 * gives a text after all timestamps.
 */
export function toTimestamp(date: Date): Timestamp {
  const year = date.getUTCFullYear()
  if (year < 0) return ''
  if (year > 9999) return '~'
  return date.toISOString().replace('T', ' ').replace('Z', '')
}

export function parseTimestamp(time: Timestamp): Date {
  return new Date(`${time.replace(' ', 'T')}Z`)
}

/** Formats a time as `Tue, 1 Jan 2019 00:00:00 +0000`. The day has no leading zero. */
export function toWireDate(time: Timestamp): string {
  const date = parseTimestamp(time)
  const weekday = WEEKDAYS[date.getUTCDay()]
  const month = MONTHS[date.getUTCMonth()]
  return `${weekday}, ${date.getUTCDate()} ${month} ${time.slice(0, 4)} ${time.slice(11, 19)} +0000`
}

/** Formats a time as `2019-01-01T06:10:12.130Z`, the form of `start_time` and `end_time`. */
export function toIsoTime(time: Timestamp): string {
  return `${time.replace(' ', 'T')}Z`
}
