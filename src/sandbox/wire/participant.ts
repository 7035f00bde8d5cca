import type { Json } from '../http/response.ts'
import type { CallRow } from '../rows/rows.ts'
import { toWireDate } from '../rows/timestamp.ts'

/** Like Restcomm, writes the SID of the parent call as `conference_sid`. */
export function encodeParticipant(row: Readonly<CallRow>): Json {
  return {
    sid: row.sid,
    conference_sid: row.parent_call_sid ?? undefined,
    date_created: toWireDate(row.date_created),
    date_updated: toWireDate(row.date_updated),
    account_sid: row.account_sid,
    muted: row.muted ?? undefined,
    hold: row.on_hold ?? undefined,
    start_conference_on_enter: row.start_conference_on_enter ?? undefined,
    end_conference_on_enter: row.end_conference_on_exit ?? undefined,
    uri: `${row.uri}.json`,
  }
}
