import type { Timestamp } from './rows.ts'

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export const TIMESTAMP = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/

/**
 * The timestamp of a moment. Years that four digits cannot write become texts that still sort right, before or after
 * every row, because a filter may ask for them.
 */
export const timestamp = (moment: Date): Timestamp => {
  const year = moment.getUTCFullYear()
  if (year < 0) return ''
  if (year > 9999) return '~'
  return moment.toISOString().replace('T', ' ').replace('Z', '')
}

export const momentOf = (time: Timestamp): Date => new Date(`${time.replace(' ', 'T')}Z`)

/** `Tue, 1 Jan 2019 00:00:00 +0000`: the day has no leading zero. */
export const wireDate = (time: Timestamp): string => {
  const moment = momentOf(time)
  const weekday = WEEKDAYS[moment.getUTCDay()]
  const month = MONTHS[moment.getUTCMonth()]
  return `${weekday}, ${moment.getUTCDate()} ${month} ${time.slice(0, 4)} ${time.slice(11, 19)} +0000`
}

/** `2019-01-01T06:10:12.130Z`, the form of a call's start and end. */
export const isoTime = (time: Timestamp): string => `${time.replace(' ', 'T')}Z`
