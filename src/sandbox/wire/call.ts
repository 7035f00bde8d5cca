import type { Json } from '../http/response.ts'
import type { CallRow, Timestamp } from '../rows/rows.ts'
import { toIsoTime, toWireDate } from '../rows/timestamp.ts'

const isoTimeOrNone = (time: Timestamp | null): string | undefined => (time === null ? undefined : toIsoTime(time))

/** Like Restcomm's JSON, has the price unit but no price. */
export function encodeCall(row: Readonly<CallRow>): Json {
  return {
    sid: row.sid,
    InstanceId: row.instanceid ?? undefined,
    date_created: toWireDate(row.date_created),
    date_updated: toWireDate(row.date_updated),
    parent_call_sid: row.parent_call_sid ?? undefined,
    account_sid: row.account_sid,
    to: row.recipient,
    from: row.sender,
    phone_number_sid: row.phone_number_sid ?? undefined,
    status: row.status,
    start_time: isoTimeOrNone(row.start_time),
    end_time: isoTimeOrNone(row.end_time),
    duration: row.duration ?? undefined,
    price_unit: 'USD',
    direction: row.direction,
    answered_by: row.answered_by ?? undefined,
    api_version: row.api_version,
    forwarded_from: row.forwarded_from ?? undefined,
    caller_name: row.caller_name ?? undefined,
    uri: `${row.uri}.json`,
    ring_duration: row.ring_duration ?? undefined,
    subresource_uris: { notifications: `${row.uri}/Notifications.json`, recordings: `${row.uri}/Recordings.json` },
  }
}
