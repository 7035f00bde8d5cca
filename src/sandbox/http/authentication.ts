import { md5 } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'
import { HttpError } from './response.ts'

const CHALLENGE = 'Basic realm="Restcomm realm"'

const LOGIN_STATUSES = new Set(['active', 'uninitialized'])

function parseBasic(authorization: string | undefined): { user: string; password: string } | null {
  // Like Restcomm, compares the scheme case-sensitively, so `basic` is rejected.
  if (!authorization?.startsWith('Basic ')) return null
  const text = Buffer.from(authorization.slice('Basic '.length), 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function findAccount(rows: RowStore, user: string): Readonly<AccountRow> | undefined {
  const bySid = rows.account(user)
  if (bySid !== undefined) return bySid
  for (const account of rows.accounts()) if (account.email_address === user) return account
  return undefined
}

// Like Restcomm, accepts both the stored text itself and a password whose MD5 is the stored text.
const isPasswordOf = (password: string, stored: string): boolean => password === stored || md5(password) === stored

/** Returns the authenticated account. Throws 401 for invalid credentials and 403 for an inactive account. */
export function authenticate(rows: RowStore, authorization: string | undefined): Readonly<AccountRow> {
  const credentials = parseBasic(authorization)
  const account = credentials === null ? undefined : findAccount(rows, credentials.user)
  if (credentials === null || account === undefined || !isPasswordOf(credentials.password, account.auth_token)) {
    throw new HttpError(401, { headers: { 'WWW-Authenticate': CHALLENGE } })
  }
  if (!LOGIN_STATUSES.has(account.status)) {
    throw new HttpError(403, { text: 'Provided Account is not active', contentType: 'text/plain' })
  }
  return account
}
