import { isAccountSid } from '../model.ts'
import { RestcommError } from './errors.ts'

/** SIDs of the accounts that the client may access; null allows every account. */
type AllowedAccounts = ReadonlySet<string> | null

/** The message names an account by SID only, because an e-mail address may be the gateway's own login. */
function accountForbidden(accountName: string): RestcommError {
  const account = isAccountSid(accountName) ? `account ${accountName}` : 'this account'
  return new RestcommError(
    'forbidden',
    `These credentials do not allow access to ${account}: use credentials that include the account.`,
  )
}

export function assertAccountAllowed(allowed: AllowedAccounts, accountSid: string): void {
  if (allowed?.has(accountSid) === false) throw accountForbidden(accountSid)
}

/**
 * Returns an error if `path`, relative to `/2012-04-24/`, names an account that is not in `allowed`; otherwise null.
 * A path without an account is an error unless `allowed` is null.
 */
export function forbiddenPathError(allowed: AllowedAccounts, path: string): RestcommError | null {
  if (allowed === null) return null
  const account = /^Accounts\/([^/?]+)/.exec(path)?.[1] ?? ''
  return allowed.has(account) ? null : accountForbidden(account)
}
