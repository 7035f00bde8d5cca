import type { AccountSidCache } from '../cache/accountSidCache.ts'
import type { Principal } from '../principal.ts'

/**
 * Creates a function that tests whether a name denotes the account of the credentials. If the credentials contain an
 * e-mail address, the account's SID matches only after the SID was added to `sids`.
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
