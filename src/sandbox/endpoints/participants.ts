import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { checkPage, cutPage, pageRequest } from '../lists/pageRequest.ts'
import { encodeParticipant } from '../wire/participant.ts'
import { changeCall } from './changeCall.ts'
import type { Exchange } from './endpointContext.ts'
import { listReply } from './listResponse.ts'
import { accountInPath, operatedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

/**
 * The calls in progress in a room. Nothing is checked of the account in the path, nor whether the room is the caller's
 * or there at all; and every page holds all of them unless the settings say otherwise.
 */
export const listParticipants = (exchange: Exchange): Reply => {
  const { rows, sid, query, settings } = exchange
  const request = pageRequest(query, settings)
  if (!isSid(sid)) throw new Refusal(500)
  const present = rows.callsIn(sid).filter(call => call.status === 'in-progress')
  checkPage(request, present.length, settings.dialect)
  const page = settings.pagedParticipants ? cutPage(present, request) : present
  return listReply(exchange, {
    kind: 'participants',
    request,
    total: present.length,
    rows: page,
    encode: encodeParticipant,
  })
}

/** Any call of the account, whatever room the path names and whether or not the call is still there. */
export const readParticipant = ({ rows, caller, account, sid }: Exchange): Reply => {
  const target = operatedAccount(rows, caller, accountInPath(rows, account))
  if (!isSid(sid)) throw new Refusal(500)
  const row = rows.call(sid)
  if (row === undefined) throw new Refusal(404)
  if (row.account_sid !== target.sid) throw new Refusal(403)
  return { status: 200, json: encodeParticipant(row), escapesHtml: true, rowsSent: 1 }
}

/** The answer shows the flags as they were before. */
export const muteParticipant = (exchange: Exchange): Reply => {
  const before = changeCall(exchange, call => ({
    status: 500,
    text: call.call_path === null ? 'Timed out' : `Recipient[Actor[${call.call_path}]] had already been terminated.`,
    contentType: 'application/json',
  }))
  return { status: 200, json: encodeParticipant(before), escapesHtml: true, rowsSent: 1 }
}
