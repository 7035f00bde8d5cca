import { Refusal } from '../http/response.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'

const ROLES_WITH_PERMISSION = new Set(['Administrator', 'Developer'])

/** By SID, by e-mail or by friendly name: the server takes any of them in a path. */
export const accountInPath = (rows: RowStore, text: string): Readonly<AccountRow> | undefined => {
  const bySid = rows.account(text)
  if (bySid !== undefined) return bySid
  let byName: Readonly<AccountRow> | undefined
  for (const account of rows.accounts()) {
    if (account.email_address === text) return account
    if (account.friendly_name === text) byName ??= account
  }
  return byName
}

/** An account reads itself and its descendants, however deep; and only if its role has the permission at all. */
export const isPermitted = (rows: RowStore, caller: Readonly<AccountRow>, target: Readonly<AccountRow>): boolean => {
  if (!ROLES_WITH_PERMISSION.has(caller.role)) return false
  const seen = new Set<string>()
  let account: Readonly<AccountRow> | undefined = target
  while (account !== undefined && !seen.has(account.sid)) {
    if (account.sid === caller.sid) return true
    seen.add(account.sid)
    account = account.parent_sid === null ? undefined : rows.account(account.parent_sid)
  }
  return false
}

/**
 * The account a request works on. One that is not there is a 500 and no 404, and so is one without an organization or
 * whose organization has no domain.
 */
export const operatedAccount = (
  rows: RowStore,
  caller: Readonly<AccountRow>,
  target: Readonly<AccountRow> | undefined,
): Readonly<AccountRow> => {
  if (target === undefined || target.organization_sid === null) throw new Refusal(500)
  const organization = rows.organization(target.organization_sid)
  if (organization === undefined || organization.domain_name.trim() === '') throw new Refusal(500)
  if (!isPermitted(rows, caller, target)) throw new Refusal(403)
  return target
}
