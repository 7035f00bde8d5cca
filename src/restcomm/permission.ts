import { RestcommError } from './errors.ts'

/** All that a caller may see. Null stands for any. */
type Accounts = ReadonlySet<string> | null

export const mayNotSee = (): RestcommError =>
  new RestcommError('forbidden', 'These credentials may not see this account.')

/** Throws where these accounts do not have this one. */
export const checkAccount = (accounts: Accounts, accountSid: string): void => {
  if (accounts?.has(accountSid) === false) throw mayNotSee()
}

/** Whether a request may be sent, by its path below `/2012-04-24/`. What is below no account may not. */
export const maySee = (accounts: Accounts, path: string): boolean =>
  accounts === null || accounts.has(/^Accounts\/([^/?]+)/.exec(path)?.[1] ?? '')
