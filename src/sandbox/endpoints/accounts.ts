import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { encodeAccount } from '../wire/account.ts'
import type { Exchange } from './endpointContext.ts'
import { accountInPath, isPermitted } from './permissions.ts'

/** By SID or e-mail. Here, and only here, an account that is not there is a 404. */
export const readAccount = ({ rows, caller, account }: Exchange): Reply => {
  const target = accountInPath(rows, account)
  if (target === undefined) throw new Refusal(404)
  if (!isPermitted(rows, caller, target)) throw new Refusal(403)
  return { status: 200, json: encodeAccount(target), rowsSent: 1 }
}
