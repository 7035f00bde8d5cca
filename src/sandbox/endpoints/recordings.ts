import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { encodeRecording } from '../wire/recording.ts'
import type { EndpointContext } from './endpointContext.ts'
import { accountInPath, authorizedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

/** Like Restcomm, responds without an envelope and does not check the owner of the call. */
export function listRecordings({ rows, principal, account, sid }: EndpointContext): SandboxResponse {
  authorizedAccount(rows, principal, accountInPath(rows, account))
  if (!isSid(sid)) throw new HttpError(500)
  const recordings = rows.recordingsOf(sid)
  return { status: 200, json: recordings.map(encodeRecording), escapesHtml: true, rowsSent: recordings.length }
}
