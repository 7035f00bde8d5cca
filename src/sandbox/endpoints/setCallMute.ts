import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import type { CallRow } from '../rows/rows.ts'
import type { EndpointContext } from './endpointContext.ts'
import { authorizedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

/** A call is live if an actor handles the call (`call_path`). A completed call is never live. */
function isLive(call: Readonly<CallRow>): boolean {
  return call.status !== 'completed' && call.call_path !== null && !call.call_path.includes('/dead/')
}

function findLiveCall(
  context: EndpointContext,
  endedResponse: (call: Readonly<CallRow>) => SandboxResponse,
): Readonly<CallRow> {
  const { rows, principal, account, sid } = context
  if (!isSid(account)) throw new HttpError(500)
  const target = authorizedAccount(rows, principal, rows.account(account))
  if (!isSid(sid)) throw new HttpError(400)
  const call = rows.call(sid)
  if (call === undefined) throw new HttpError(406)
  if (call.account_sid !== target.sid) throw new HttpError(400)
  if (!isLive(call)) {
    const { status, ...reply } = endedResponse(call)
    throw new HttpError(status, reply)
  }
  return call
}

/**
 * Sets the mute flag of a call in progress. Returns the row from before the change. Like Restcomm, unmutes the call if
 * `Mute` is missing.
 */
export function setCallMute(
  context: EndpointContext,
  endedResponse: (call: Readonly<CallRow>) => SandboxResponse,
): Readonly<CallRow> {
  const { rows, form } = context
  const before = findLiveCall(context, endedResponse)
  if (before.status === 'in-progress') {
    rows.updateCall(before.sid, { muted: form.get('Mute')?.toLowerCase() === 'true' })
  }
  return before
}
