import type { Json } from '../http/response.ts'
import type { AccountRow } from '../rows/rows.ts'
import { wireDate } from '../rows/timestamp.ts'

/** The token goes out with the account: the server really sends it. */
export const encodeAccount = (row: Readonly<AccountRow>): Json => ({
  sid: row.sid,
  friendly_name: row.friendly_name,
  email_address: row.email_address,
  type: row.type,
  status: row.status,
  role: row.role,
  date_created: wireDate(row.date_created),
  date_updated: wireDate(row.date_updated),
  auth_token: row.auth_token,
  uri: `${row.uri}.json`,
  subresource_uris: {
    calls: `${row.uri}/Calls.json`,
    conferences: `${row.uri}/Conferences.json`,
    recordings: `${row.uri}/Recordings.json`,
  },
})
