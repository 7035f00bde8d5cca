import { ACCOUNT_STATUSES, type Account } from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import { asObject, dateTime, enumValue, identity, optional, string } from '../decode.ts'
import { notRestcomm, nullIfNotFound, RestcommError } from '../errors.ts'

function decodeAccount(value: unknown): Account {
  const json = asObject('account', value)
  const status = optional(json, 'status', string)
  return {
    sid: identity(json, 'sid', 'account'),
    friendlyName: optional(json, 'friendly_name', string),
    status: status === null ? null : enumValue(status, ACCOUNT_STATUSES),
    type: optional(json, 'type', string),
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    uri: string(json, 'uri'),
  }
}

function accountPath(name: string): string {
  return `Accounts/${encodeURIComponent(name)}`
}

async function readAccount(http: AuthorizedHttp, name: string): Promise<Account | null> {
  const response = await http.get('account', accountPath(name)).catch(nullIfNotFound)
  return response === null ? null : decodeAccount(response)
}

/**
 * Finds an account by SID or e-mail address; null for an unknown account.
 *
 * Restcomm may respond with 500 if Restcomm fails or if the account is unknown. After a second 500, the account of the
 * credentials is read. If the read succeeds, Restcomm works, and the requested account is unknown.
 */
export async function findAccount(http: AuthorizedHttp, name: string): Promise<Account | null> {
  const ownName = http.principal.account
  try {
    const account = await readAccount(http, name)
    if (account === null && http.isOwnAccount(name)) throw notRestcomm()
    return account
  } catch (error) {
    if (!isInternalServerError(error) || ownName === null || name === ownName) throw error
  }
  try {
    return await readAccount(http, name)
  } catch (error) {
    if (!isInternalServerError(error)) throw error
    const ownAccount = decodeAccount(await http.getUnchecked('account', accountPath(ownName)))
    // If `ownName` is an e-mail address, `name` can be the SID of the own account.
    return ownAccount.sid === name ? ownAccount : null
  }
}

/**
 * Returns `error`, the error of a read below the account. If Restcomm responded with 500 because the account is
 * unknown, returns an error of kind `notFound` instead.
 */
export async function explainError(http: AuthorizedHttp, accountSid: string, error: unknown): Promise<unknown> {
  if (!isInternalServerError(error) || http.isOwnAccount(accountSid)) return error
  const account = await findAccount(http, accountSid)
  return account === null ? new RestcommError('notFound', `Account ${accountSid} does not exist.`) : error
}

/** Settles like `response`, the read of a list of the account, but explains errors. Status 404 means a wrong URL. */
export async function explainListErrors<T>(http: AuthorizedHttp, accountSid: string, response: Promise<T>): Promise<T> {
  try {
    return await response
  } catch (error) {
    if (error instanceof RestcommError && error.status === 404) throw notRestcomm()
    throw await explainError(http, accountSid, error)
  }
}

function isInternalServerError(error: unknown): boolean {
  return error instanceof RestcommError && error.status === 500
}
