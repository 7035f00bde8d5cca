import { RestcommError } from './errors.ts'

type Accounts = ReadonlySet<string> | null

/** Throws where these accounts, all that a caller may see, do not have this one. Null stands for any. */
export const checkAccount = (accounts: Accounts, accountSid: string): void => {
  if (accounts?.has(accountSid) === false) {
    throw new RestcommError('forbidden', 'These credentials may not see this account.')
  }
}

/** The same for a request, by its path below `/2012-04-24/`. What is below no account is refused as well. */
export const checkPath = (accounts: Accounts, path: string): void =>
  checkAccount(accounts, /^Accounts\/([^/?]+)/.exec(path)?.[1] ?? '')
