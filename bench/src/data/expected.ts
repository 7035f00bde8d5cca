import type { RowStore } from '../../../src/sandbox/index.ts'
import type { Timestamp } from '../../../src/sandbox/rows/rows.ts'

/** The answers that are right, from the rows themselves and not by way of any server. */

const dateTime = (time: Timestamp): string => `${time.slice(0, 10)}T${time.slice(11, 19)}+00:00`

export const conferenceOf = (rows: RowStore, sid: string) => {
  const row = rows.conference(sid)
  if (row === undefined) throw new Error(`There is no conference ${sid}.`)
  return {
    sid,
    friendlyName: row.friendly_name,
    status: row.status,
    dateCreated: dateTime(row.date_created),
    uri: `${row.uri}.json`,
  }
}

export const participantsOf = (rows: RowStore, sid: string) =>
  rows.callsIn(sid).map(({ sid: callSid, muted, on_hold: hold }) => ({ callSid, muted, hold }))
