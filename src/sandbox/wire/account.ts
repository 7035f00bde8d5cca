import type { Json } from '../http/response.ts'
import type { AccountRow } from '../rows/rows.ts'
import { toWireDate } from '../rows/timestamp.ts'

/** Like Restcomm, includes `auth_token`. */
export function encodeAccount(row: Readonly<AccountRow>): Json {
  return {
    sid: row.sid,
    friendly_name: row.friendly_name,
    email_address: row.email_address,
    type: row.type,
    status: row.status,
    role: row.role,
    date_created: toWireDate(row.date_created),
    date_updated: toWireDate(row.date_updated),
    auth_token: row.auth_token,
    uri: `${row.uri}.json`,
    subresource_uris: {
      calls: `${row.uri}/Calls.json`,
      conferences: `${row.uri}/Conferences.json`,
      recordings: `${row.uri}/Recordings.json`,
    },
  }
}
