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

/** With a permitted role, an account can read the own data and the data of all descendants. */
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
 * Throws 403 if the principal may not read the account. Like Restcomm, throws 500 if the account is unknown, or if the
 * organization or the domain of the organization is missing.
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
