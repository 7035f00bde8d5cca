import type { Json } from '../http/response.ts'
import type { RecordingRow } from '../rows/rows.ts'
import { toWireDate } from '../rows/timestamp.ts'

export function encodeRecording(row: Readonly<RecordingRow>): Json {
  return {
    sid: row.sid,
    date_created: toWireDate(row.date_created),
    date_updated: toWireDate(row.date_updated),
    account_sid: row.account_sid,
    call_sid: row.call_sid,
    duration: row.duration,
    api_version: row.api_version,
    uri: `${row.uri}.json`,
    file_uri: row.file_uri ?? undefined,
  }
}
