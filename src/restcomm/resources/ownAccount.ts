import type { AccountSids } from '../cache/accountSidCache.ts'
import type { Caller } from '../principal.ts'

/** Whether a name is that of the account that logs in: by its SID, or by its e-mail address and the SID looked up for it. */
export const ownAccount = (sids: AccountSids, { account, authorization }: Caller): ((name: string) => boolean) => {
  if (authorization === null || !account?.includes('@')) return name => name === account
  let sid: string | null = null
  return name => {
    sid ??= sids.known(authorization)
    return name === account || name === sid
  }
}
