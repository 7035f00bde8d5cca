import { isAccountSid } from '../model.ts'
import { RestcommError } from './errors.ts'

/** SIDs of the accounts that the client may access; null allows every account. */
type AllowedAccounts = ReadonlySet<string> | null

/** The message contains SIDs only: an e-mail address could be the login of the service account. */
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
 * Checks the account in a path below `/2012-04-24/`; null if allowed. With an allow-list, a path without an account is
 * forbidden.
 */
export function forbiddenPathError(allowed: AllowedAccounts, path: string): RestcommError | null {
  if (allowed === null) return null
  const account = /^Accounts\/([^/?]+)/.exec(path)?.[1] ?? ''
  return allowed.has(account) ? null : accountForbidden(account)
}
