import type { Account } from '../../model.ts'
import { type AuthorizedHttp, nullIfNotFound } from '../authorizedHttp.ts'
import { notRestcomm, RestcommError } from '../errors.ts'
import { readAccount } from './accounts.ts'

interface AccountLookup {
  /** Finds an account by SID or e-mail address; null for an unknown account. */
  findAccount(name: string): Promise<Account | null>
  /** If Restcomm responds with 500 and the account is unknown, rejects with `notFound`. */
  withUnknownAccountCheck<T>(accountSid: string, response: Promise<T>): Promise<T>
}

/**
 * Restcomm may respond with 500 if Restcomm fails or if the account is unknown. After a second 500, the account of the
 * credentials is read. If the read succeeds, Restcomm works, and the requested account is unknown. `ownHttp` ignores
 * the client's allow-list.
 */
export function createUnknownAccountCheck(
  http: AuthorizedHttp,
  ownHttp: AuthorizedHttp,
  ownName: string | null,
  isOwnAccount: (name: string) => boolean,
): AccountLookup {
  const findAccount = async (name: string): Promise<Account | null> => {
    try {
      const account = await nullIfNotFound(readAccount(http, name))
      if (account === null && isOwnAccount(name)) throw notRestcomm()
      return account
    } catch (error) {
      if (!isInternalServerError(error) || ownName === null || name === ownName) throw error
    }
    try {
      return await nullIfNotFound(readAccount(http, name))
    } catch (error) {
      if (!isInternalServerError(error)) throw error
      const ownAccount = await readAccount(ownHttp, ownName)
      // If `ownName` is an e-mail address, `name` can be the SID of the own account.
      return ownAccount.sid === name ? ownAccount : null
    }
  }

  const withUnknownAccountCheck = async <T>(accountSid: string, response: Promise<T>): Promise<T> => {
    try {
      return await response
    } catch (error) {
      if (isInternalServerError(error) && !isOwnAccount(accountSid) && (await findAccount(accountSid)) === null) {
        throw new RestcommError('notFound', `Account ${accountSid} does not exist.`)
      }
      throw error
    }
  }

  return { findAccount, withUnknownAccountCheck }
}

function isInternalServerError(error: unknown): boolean {
  return error instanceof RestcommError && error.status === 500
}
