import type { CallRow } from './rows.ts'

/** Restcomm sorts lists by SID. SIDs are random, so a new row can appear anywhere in a list. */
export function compareBySid(one: { sid: string }, other: { sid: string }): number {
  return one.sid < other.sid ? -1 : one.sid > other.sid ? 1 : 0
}

export function compareOldestFirst(one: CallRow, other: CallRow): number {
  return one.date_created < other.date_created
    ? -1
    : one.date_created > other.date_created
      ? 1
      : compareBySid(one, other)
}

// Not the exact reverse of `compareOldestFirst`: calls of the same instant have ascending SIDs in both orders.
export function compareNewestFirst(one: CallRow, other: CallRow): number {
  return one.date_created > other.date_created
    ? -1
    : one.date_created < other.date_created
      ? 1
      : compareBySid(one, other)
}
