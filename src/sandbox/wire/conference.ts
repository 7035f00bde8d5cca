import type { Json } from '../http/response.ts'
import type { ConferenceRow } from '../rows/rows.ts'
import { wireDate } from '../rows/timestamp.ts'

export const encodeConference = (row: Readonly<ConferenceRow>): Json => ({
  sid: row.sid,
  date_created: wireDate(row.date_created),
  date_updated: wireDate(row.date_updated),
  account_sid: row.account_sid,
  status: row.status,
  api_version: row.api_version,
  friendly_name: row.friendly_name ?? undefined,
  uri: `${row.uri}.json`,
  subresource_uris: { participants: `${row.uri}/Participants.json` },
})
