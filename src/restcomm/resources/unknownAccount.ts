import type { Account } from '../../model.ts'
import { readAccount } from './accounts.ts'
import { type Access, orNull } from '../access.ts'
import { notRestcomm, RestcommError } from '../errors.ts'

/** Tells an account that does not exist from a server that fails. */
interface UnknownAccount {
  /** The account by SID, or by the e-mail address that it is logged in with; null for one that does not exist. */
  account(name: string): Promise<Account | null>
  /** What is answered under an account's path; `notFound` where that account does not exist. */
  under<T>(accountSid: string, answer: Promise<T>): Promise<T>
}

/**
 * Restcomm may answer 500 for an account that does not exist, as it does when it fails. It does so every time, and the
 * account that is asking does exist: when that one is answered for, the other is unknown.
 *
 * `ownAccess` is for the account that logs in, which those on whose behalf it does may not be allowed to see: it is shown to
 * nobody.
 */
export const unknownAccount = (
  access: Access,
  ownAccess: Access,
  ownName: string | null,
  isOwnAccount: (name: string) => boolean,
): UnknownAccount => {
  const account = async (name: string): Promise<Account | null> => {
    try {
      const found = await orNull(readAccount(access, name))
      if (found === null && isOwnAccount(name)) throw notRestcomm()
      return found
    } catch (error) {
      if (!isServerError(error) || ownName === null || name === ownName) throw error
    }
    try {
      return await orNull(readAccount(access, name))
    } catch (error) {
      if (!isServerError(error)) throw error
      // The two may be one: the caller's own name can be an e-mail address.
      const own = await readAccount(ownAccess, ownName)
      return own.sid === name ? own : null
    }
  }

  const under = async <T>(accountSid: string, answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (isServerError(error) && !isOwnAccount(accountSid) && (await account(accountSid)) === null) {
        throw new RestcommError('notFound', 'There is no such account.')
      }
      throw error
    }
  }

  return { account, under }
}

const isServerError = (error: unknown): boolean => error instanceof RestcommError && error.status === 500
