import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { checkPage, cutPage, pageRequest, withinLimit } from '../lists/pageRequest.ts'
import { encodeCall } from '../wire/call.ts'
import { callConditions, candidateCalls } from './callFilters.ts'
import { callOrder, sortedCalls } from './callOrder.ts'
import { changeCall } from './changeCall.ts'
import type { Exchange } from './endpointContext.ts'
import { listReply } from './listResponse.ts'
import { accountInPath, operatedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

export const listCalls = (exchange: Exchange): Reply => {
  const { rows, caller, account, query, settings } = exchange
  const target = operatedAccount(rows, caller, accountInPath(rows, account))
  const request = pageRequest(query, settings)
  const order = callOrder(query)
  const conditions = callConditions(query)
  const candidates = candidateCalls(rows, account, target, query, order)
  const kept =
    conditions.length === 0 ? candidates.rows : candidates.rows.filter(row => conditions.every(holds => holds(row)))
  const listed = withinLimit(candidates.inOrder ? kept : sortedCalls(kept, order), request)
  checkPage(request, listed.length, settings.dialect)
  const page = cutPage(listed, request)
  return listReply(exchange, { kind: 'calls', request, total: listed.length, rows: page, encode: encodeCall })
}

export const readCall = ({ rows, caller, account, sid }: Exchange): Reply => {
  const target = operatedAccount(rows, caller, accountInPath(rows, account))
  if (!isSid(sid)) throw new Refusal(500)
  const row = rows.call(sid)
  if (row === undefined) throw new Refusal(404)
  if (row.account_sid !== target.sid) throw new Refusal(403)
  return { status: 200, json: encodeCall(row), escapesHtml: true, rowsSent: 1 }
}

/** Mutes as a participant is muted, and hangs up on request; both in one go, so a hang-up alone unmutes on its way. */
export const modifyCall = (exchange: Exchange): Reply => {
  const before = changeCall(exchange, call =>
    call.call_path === null && call.status !== 'completed'
      ? { status: 500, text: 'Timed out', contentType: 'application/json' }
      : { status: 410, text: 'Call is already completed.', contentType: 'application/json' },
  )
  if (exchange.form.get('Status')?.toLowerCase() === 'completed') exchange.rows.finishCall(before.sid)
  return { status: 200, json: encodeCall(before), escapesHtml: true, rowsSent: 1 }
}
