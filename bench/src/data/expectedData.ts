import type { RowStore } from '../../../src/sandbox/index.ts'
import type { Timestamp } from '../../../src/sandbox/rows/rows.ts'

// These functions compute the expected data of responses from the rows, without a server.

function dateTime(time: Timestamp): string {
  return `${time.slice(0, 10)}T${time.slice(11, 19)}Z`
}

export function conferenceOf(rows: RowStore, sid: string) {
  const row = rows.conference(sid)
  if (row === undefined) throw new Error(`The test data has no conference ${sid}.`)
  return {
    sid,
    friendlyName: row.friendly_name,
    status: row.status,
    dateCreated: dateTime(row.date_created),
    uri: `${row.uri}.json`,
  }
}

export function participantsOf(rows: RowStore, sid: string) {
  return rows.callsIn(sid).map(({ sid: callSid, muted, on_hold: hold }) => ({ callSid, muted, hold }))
}
