import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { applyLimit, assertPageExists, parsePageRequest, slicePage } from '../lists/pageRequest.ts'
import { encodeCall } from '../wire/call.ts'
import { callConditions, candidateCalls } from './callFilters.ts'
import { parseCallOrder, sortCalls } from './callOrder.ts'
import type { EndpointContext } from './endpointContext.ts'
import { listResponse } from './listResponse.ts'
import { accountInPath, authorizedAccount } from './permissions.ts'
import { setCallMute } from './setCallMute.ts'
import { isSid } from './sids.ts'

export function listCalls(context: EndpointContext): SandboxResponse {
  const { rows, principal, account, query, settings } = context
  const target = authorizedAccount(rows, principal, accountInPath(rows, account))
  const request = parsePageRequest(query, settings)
  const order = parseCallOrder(query)
  const conditions = callConditions(query)
  const candidates = candidateCalls(rows, account, target, query, order)
  const filtered =
    conditions.length === 0 ? candidates.rows : candidates.rows.filter(row => conditions.every(holds => holds(row)))
  const listed = applyLimit(candidates.hasRequestedOrder ? filtered : sortCalls(filtered, order), request)
  assertPageExists(request, listed.length, settings.dialect)
  const page = slicePage(listed, request)
  return listResponse(context, { kind: 'calls', request, total: listed.length, rows: page, encode: encodeCall })
}

export function readCall({ rows, principal, account, sid }: EndpointContext): SandboxResponse {
  const target = authorizedAccount(rows, principal, accountInPath(rows, account))
  if (!isSid(sid)) throw new HttpError(500)
  const row = rows.call(sid)
  if (row === undefined) throw new HttpError(404)
  if (row.account_sid !== target.sid) throw new HttpError(403)
  return { status: 200, json: encodeCall(row), escapesHtml: true, rowsSent: 1 }
}

/** Like Restcomm, sets the mute flag in every request. A request without `Mute` unmutes the call. */
export function modifyCall(context: EndpointContext): SandboxResponse {
  const before = setCallMute(context, call =>
    call.call_path === null && call.status !== 'completed'
      ? { status: 500, text: 'Timed out', contentType: 'application/json' }
      : { status: 410, text: 'Call is already completed.', contentType: 'application/json' },
  )
  if (context.form.get('Status')?.toLowerCase() === 'completed') context.rows.finishCall(before.sid)
  return { status: 200, json: encodeCall(before), escapesHtml: true, rowsSent: 1 }
}
