import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { encodeRecording } from '../wire/recording.ts'
import type { Exchange } from './endpointContext.ts'
import { accountInPath, operatedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

/** A bare array: no envelope, no pages. Only the account in the path is checked, and not whose call it is. */
export const listRecordings = ({ rows, caller, account, sid }: Exchange): Reply => {
  operatedAccount(rows, caller, accountInPath(rows, account))
  if (!isSid(sid)) throw new Refusal(500)
  const recordings = rows.recordingsOf(sid)
  return { status: 200, json: recordings.map(encodeRecording), escapesHtml: true, rowsSent: recordings.length }
}
