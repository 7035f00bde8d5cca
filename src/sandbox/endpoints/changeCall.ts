import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import type { CallRow } from '../rows/rows.ts'
import type { Exchange } from './endpointContext.ts'
import { operatedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

/** Somebody answers at the other end of the row. A failed call may still have somebody there, a completed one has not. */
const isLive = (call: Readonly<CallRow>): boolean =>
  call.status !== 'completed' && call.call_path !== null && !call.call_path.includes('/dead/')

const liveCall = (exchange: Exchange, overReply: (call: Readonly<CallRow>) => Reply): Readonly<CallRow> => {
  const { rows, caller, account, sid } = exchange
  if (!isSid(account)) throw new Refusal(500)
  const target = operatedAccount(rows, caller, rows.account(account))
  if (!isSid(sid)) throw new Refusal(400)
  const call = rows.call(sid)
  if (call === undefined) throw new Refusal(406)
  if (call.account_sid !== target.sid) throw new Refusal(400)
  if (!isLive(call)) {
    const { status, ...reply } = overReply(call)
    throw new Refusal(status, reply)
  }
  return call
}

/**
 * Mutes, unmutes or hangs up, and gives the row as it was before. Whatever is not `true` unmutes, also nothing at all;
 * `Status=completed` hangs up. A live call that is not in progress is left alone.
 */
export const changeCall = (exchange: Exchange, overReply: (call: Readonly<CallRow>) => Reply): Readonly<CallRow> => {
  const { rows, form } = exchange
  const before = liveCall(exchange, overReply)
  if (before.status === 'in-progress') {
    rows.updateCall(before.sid, { muted: form.get('Mute')?.toLowerCase() === 'true' })
  }
  return before
}
