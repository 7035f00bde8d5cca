import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { encodeAccount } from '../wire/account.ts'
import type { EndpointContext } from './endpointContext.ts'
import { accountInPath, isPermitted } from './permissions.ts'

/** Like Restcomm, answers 404 for an unknown account. Most other endpoints answer 500 (`authorizedAccount`). */
export function readAccount({ rows, principal, account }: EndpointContext): SandboxResponse {
  const target = accountInPath(rows, account)
  if (target === undefined) throw new HttpError(404)
  if (!isPermitted(rows, principal, target)) throw new HttpError(403)
  return { status: 200, json: encodeAccount(target), rowsSent: 1 }
}
