import type { CallRow } from './rows.ts'

/** Storage order. SIDs are random, so a new row lands anywhere. */
export const bySid = (one: { sid: string }, other: { sid: string }): number =>
  one.sid < other.sid ? -1 : one.sid > other.sid ? 1 : 0

export const oldestFirst = (one: CallRow, other: CallRow): number =>
  one.date_created < other.date_created ? -1 : one.date_created > other.date_created ? 1 : bySid(one, other)

// Among calls of the same moment the SID decides, whichever way the moments run.
export const newestFirst = (one: CallRow, other: CallRow): number =>
  one.date_created > other.date_created ? -1 : one.date_created < other.date_created ? 1 : bySid(one, other)
