import type { AccountSidCache } from '../cache/accountSidCache.ts'
import type { Principal } from '../principal.ts'

/**
 * Creates a function that tests whether an account name denotes the account of the credentials. If the credentials
 * contain an e-mail address, the account's SID matches only as soon as `sids` contains the SID.
 */
export function createOwnAccountMatcher(
  sids: AccountSidCache,
  { account, authorization }: Principal,
): (name: string) => boolean {
  if (authorization === null || !account?.includes('@')) return name => name === account
  let sid: string | null = null
  return name => {
    sid ??= sids.peek(authorization)
    return name === account || name === sid
  }
}
