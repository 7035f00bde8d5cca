import { md5 } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'
import { Refusal } from './response.ts'

const CHALLENGE = 'Basic realm="Restcomm realm"'

const MAY_LOG_IN = new Set(['active', 'uninitialized'])

const credentialsOf = (authorization: string | undefined): { user: string; password: string } | null => {
  // The scheme is compared with its case: `basic` is refused.
  if (!authorization?.startsWith('Basic ')) return null
  const text = Buffer.from(authorization.slice('Basic '.length), 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

const accountNamed = (rows: RowStore, user: string): Readonly<AccountRow> | undefined => {
  const bySid = rows.account(user)
  if (bySid !== undefined) return bySid
  for (const account of rows.accounts()) if (account.email_address === user) return account
  return undefined
}

// A token stored as MD5 lets both the token and the MD5 itself in.
const matches = (password: string, stored: string): boolean => password === stored || md5(password) === stored

/** The account that asks: 401 without the right credentials, 403 when the account is not active. */
export const authenticate = (rows: RowStore, authorization: string | undefined): Readonly<AccountRow> => {
  const credentials = credentialsOf(authorization)
  const account = credentials === null ? undefined : accountNamed(rows, credentials.user)
  if (credentials === null || account === undefined || !matches(credentials.password, account.auth_token)) {
    throw new Refusal(401, { headers: { 'WWW-Authenticate': CHALLENGE } })
  }
  if (!MAY_LOG_IN.has(account.status)) {
    throw new Refusal(403, { text: 'Provided Account is not active', contentType: 'text/plain' })
  }
  return account
}
