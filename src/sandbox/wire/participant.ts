import type { Json } from '../http/response.ts'
import type { CallRow } from '../rows/rows.ts'
import { wireDate } from '../rows/timestamp.ts'

/** Two members lie: `conference_sid` is the parent call's, and `end_conference_on_enter` is what happens on exit. */
export const encodeParticipant = (row: Readonly<CallRow>): Json => ({
  sid: row.sid,
  conference_sid: row.parent_call_sid ?? undefined,
  date_created: wireDate(row.date_created),
  date_updated: wireDate(row.date_updated),
  account_sid: row.account_sid,
  muted: row.muted ?? undefined,
  hold: row.on_hold ?? undefined,
  start_conference_on_enter: row.start_conference_on_enter ?? undefined,
  end_conference_on_enter: row.end_conference_on_exit ?? undefined,
  uri: `${row.uri}.json`,
})
