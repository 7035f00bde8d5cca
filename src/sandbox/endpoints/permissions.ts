import { HttpError } from '../http/response.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'

const ROLES_WITH_PERMISSION = new Set(['Administrator', 'Developer'])

/** Like Restcomm, accepts a SID, an e-mail address or a friendly name in the path. */
export function accountInPath(rows: RowStore, text: string): Readonly<AccountRow> | undefined {
  const bySid = rows.account(text)
  if (bySid !== undefined) return bySid
  let byName: Readonly<AccountRow> | undefined
  for (const account of rows.accounts()) {
    if (account.email_address === text) return account
    if (account.friendly_name === text) byName ??= account
  }
  return byName
}

/** An account with a permitted role can read its own data and the data of its descendants at any depth. */
export function isPermitted(rows: RowStore, principal: Readonly<AccountRow>, target: Readonly<AccountRow>): boolean {
  if (!ROLES_WITH_PERMISSION.has(principal.role)) return false
  const seen = new Set<string>()
  let account: Readonly<AccountRow> | undefined = target
  while (account !== undefined && !seen.has(account.sid)) {
    if (account.sid === principal.sid) return true
    seen.add(account.sid)
    account = account.parent_sid === null ? undefined : rows.account(account.parent_sid)
  }
  return false
}

/**
 * Returns the account in the path if the principal may read the account. Like Restcomm, throws 500, not 404, for an
 * unknown account, for an account without an organization and for an organization without a domain.
 */
export function authorizedAccount(
  rows: RowStore,
  principal: Readonly<AccountRow>,
  target: Readonly<AccountRow> | undefined,
): Readonly<AccountRow> {
  if (target === undefined || target.organization_sid === null) throw new HttpError(500)
  const organization = rows.organization(target.organization_sid)
  if (organization === undefined || organization.domain_name.trim() === '') throw new HttpError(500)
  if (!isPermitted(rows, principal, target)) throw new HttpError(403)
  return target
}
