import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { assertPageExists, parsePageRequest, slicePage } from '../lists/pageRequest.ts'
import { encodeParticipant } from '../wire/participant.ts'
import type { EndpointContext } from './endpointContext.ts'
import { listResponse } from './listResponse.ts'
import { accountInPath, authorizedAccount } from './permissions.ts'
import { setCallMute } from './setCallMute.ts'
import { isSid } from './sids.ts'

/**
 * Lists the calls in progress of a conference. Like Restcomm, ignores the account in the path, and returns an empty
 * list for an unknown conference.
 */
export function listParticipants(context: EndpointContext): SandboxResponse {
  const { rows, sid, query, settings } = context
  const request = parsePageRequest(query, settings)
  if (!isSid(sid)) throw new HttpError(500)
  const present = rows.callsIn(sid).filter(call => call.status === 'in-progress')
  assertPageExists(request, present.length, settings.dialect)
  const page = settings.pagedParticipants ? slicePage(present, request) : present
  return listResponse(context, {
    kind: 'participants',
    request,
    total: present.length,
    rows: page,
    encode: encodeParticipant,
  })
}

/** Like Restcomm, reads any call of the account. Ignores the conference in the path. */
export function readParticipant({ rows, principal, account, sid }: EndpointContext): SandboxResponse {
  const target = authorizedAccount(rows, principal, accountInPath(rows, account))
  if (!isSid(sid)) throw new HttpError(500)
  const row = rows.call(sid)
  if (row === undefined) throw new HttpError(404)
  if (row.account_sid !== target.sid) throw new HttpError(403)
  return { status: 200, json: encodeParticipant(row), escapesHtml: true, rowsSent: 1 }
}

/** Like Restcomm, responds with the mute flag from before the change. */
export function muteParticipant(context: EndpointContext): SandboxResponse {
  const before = setCallMute(context, call => ({
    status: 500,
    text: call.call_path === null ? 'Timed out' : `Recipient[Actor[${call.call_path}]] had already been terminated.`,
    contentType: 'application/json',
  }))
  return { status: 200, json: encodeParticipant(before), escapesHtml: true, rowsSent: 1 }
}
