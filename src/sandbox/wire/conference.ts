import type { Json } from '../http/response.ts'
import type { ConferenceRow } from '../rows/rows.ts'
import { toWireDate } from '../rows/timestamp.ts'

export function encodeConference(row: Readonly<ConferenceRow>): Json {
  return {
    sid: row.sid,
    date_created: toWireDate(row.date_created),
    date_updated: toWireDate(row.date_updated),
    account_sid: row.account_sid,
    status: row.status,
    api_version: row.api_version,
    friendly_name: row.friendly_name ?? undefined,
    uri: `${row.uri}.json`,
    subresource_uris: { participants: `${row.uri}/Participants.json` },
  }
}
