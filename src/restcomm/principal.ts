import { isAccountSid } from '../model.ts'
import type { CancellationToken } from './cancellationToken.ts'
import { RestcommError } from './errors.ts'

/** Records the upstream requests and the cursors of a GraphQL operation. */
export interface OperationLog {
  /** Called for each sent attempt. */
  requestStarted(): void
  /** Called once per sent attempt. `status` is null without a response, `error` is null on success. */
  requestEnded(attributes: object, milliseconds: number, status: number | null, error: unknown): void
  /** Called if a cursor's row has moved by `distance` rows. If the row was not found, `distance` is null. */
  cursorDrifted(distance: number | null): void
}

/** The client of a GraphQL request: credentials for Restcomm, permissions, and the state of the request. */
export interface Principal {
  /** Value of the `Authorization` header; null for a request without valid credentials. */
  readonly authorization: string | null
  readonly authError?: Error | undefined
  /** Whether `authorization` holds the gateway's own credentials instead of the client's. */
  readonly isServiceAccount: boolean
  /** SID or e-mail address of the account in `authorization`; null without credentials. */
  readonly account: string | null
  /** Identifies the client (API key, subject of a token, or credentials) for fair shares. Empty without credentials. */
  readonly clientId: string
  /** Hash of the credentials and the allowed accounts. Only requests with equal hashes share cached data and reads. */
  readonly credentialHash: string
  /** SIDs of the accounts accessible to the client; null leaves the decision to Restcomm. */
  readonly accounts: ReadonlySet<string> | null
  /** Absent for polls. */
  readonly operation?: OperationLog | undefined
  readonly requestId?: string | undefined
  /** Cancelled when the client disconnects or the request times out. */
  readonly cancellation?: CancellationToken | undefined
}

/** Identifies a client in the log. */
export interface Client
  extends Pick<Principal, 'account' | 'accounts' | 'clientId' | 'credentialHash' | 'isServiceAccount'> {
  /** From `API_KEY_HASHES`; null if the client has no name. */
  readonly clientName: string | null
}

export function missingCredentials({ authError }: Pick<Principal, 'authError'>): Error {
  return (
    authError ??
    new RestcommError('unauthenticated', 'The request has no valid credentials: expected an `Authorization` header.')
  )
}

export function assertAccountAllowed({ accounts }: Pick<Principal, 'accounts'>, accountSid: string): void {
  if (accounts?.has(accountSid) === false) throw accountForbidden(accountSid)
}

/**
 * Returns an error if the principal has no credentials, or if `path`, relative to `/2012-04-24/`, names an account that
 * is not in `principal.accounts`; otherwise null. A path without an account is an error unless `accounts` is null.
 */
export function permissionError(principal: Principal, path: string): Error | null {
  if (principal.authorization === null) return missingCredentials(principal)
  if (principal.accounts === null) return null
  const account = /^Accounts\/([^/?]+)/.exec(path)?.[1] ?? ''
  return principal.accounts.has(account) ? null : accountForbidden(account)
}

/** The message names an account by SID only, because an e-mail address may be the gateway's own login. */
function accountForbidden(accountName: string): RestcommError {
  const account = isAccountSid(accountName) ? `account ${accountName}` : 'this account'
  return new RestcommError(
    'forbidden',
    `These credentials do not allow access to ${account}: use credentials that include the account.`,
  )
}
