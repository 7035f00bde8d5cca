import { hash } from 'node:crypto'
import type { GraphQLError } from 'graphql'

/** Whose account a request is for, and what proves it upstream. */
export interface Credentials {
  /** A SID or an e-mail address. */
  readonly account: string
  /** The value of the `Authorization` header that goes upstream. */
  readonly authorization: string
  /** Whether they are the gateway's own. */
  readonly isStandIn: boolean
  /** Names them and what they may see, and is not them. */
  readonly credential: string
  /** Names who asks, be it by these credentials or by a key or a token that stands for them, and is none of these. */
  readonly client: string
  /** What the client is called in the log; null where it has no name. */
  readonly clientName: string | null
  /** The accounts that may be asked for, the client's own first; null where that is Restcomm's decision alone. */
  readonly accounts: ReadonlySet<string> | null
  /** When they stop to count, in milliseconds as `Date.now` has them; null where they do not. */
  readonly expiresAt: number | null
}

/** The credentials that a request is made with, or why it has none that count. */
export type Identity = Credentials | GraphQLError

/** Who asks by a key or a token, and what that may see. */
interface Client {
  /** Anything that only this client has; it is hashed. */
  readonly identity: string
  readonly name: string | null
  readonly accounts: readonly string[] | null
  readonly expiresAt: number | null
}

export const hashOf = (text: string): string => hash('sha256', text, 'base64url')

export const basicCredentials = (account: string, password: string): Credentials => {
  const authorization = `Basic ${Buffer.from(`${account}:${password}`, 'utf8').toString('base64')}`
  const credential = hashOf(authorization)
  return {
    account,
    authorization,
    isStandIn: false,
    credential,
    client: credential,
    clientName: null,
    accounts: null,
    expiresAt: null,
  }
}

/** The gateway's own credentials as a client may use them. Clients that may see the same share what is read. */
export const onBehalfOf = (own: Credentials, client: Client): Credentials => {
  const accounts = client.accounts && new Set(client.accounts)
  return {
    ...own,
    credential: accounts === null ? own.credential : hashOf([own.authorization, ...[...accounts].sort()].join('\n')),
    client: hashOf(client.identity),
    clientName: client.name,
    accounts,
    expiresAt: client.expiresAt,
  }
}

/** `AC` and 32 letters or digits. */
export const isAccountSid = (text: string): boolean => /^AC[A-Za-z0-9]{32}$/.test(text)

/** Written anew, since Restcomm refuses `basic` in lower case. A user is a SID or an e-mail address. */
export const credentialsInBasic = (value: string): Credentials | null => {
  const [, account = '', password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  const isAccount = isAccountSid(account) || /^[^\s/@]+@[^\s/@]+$/.test(account)
  return isAccount && password !== undefined ? basicCredentials(account, password) : null
}
