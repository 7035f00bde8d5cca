import { hash } from 'node:crypto'
import type { GraphQLError } from 'graphql'
import { ACTIONS, type Action, isAccountSid } from '../model.ts'

export interface UpstreamCredentials {
  readonly account: string
  /** Value of the `Authorization` header for Restcomm. */
  readonly authorization: string
  /** Whether `authorization` holds the service credentials of the gateway. */
  readonly isServiceAccount: boolean
  /** Hash of `authorization` and `accounts`. Clients with equal hashes share cached data. */
  readonly credentialHash: string
  /** Hash of the API key, the token subject or the credentials, as the identity of the client. */
  readonly clientId: string
  /** Name of the client for the log, from `API_KEY_HASHES`; null if the client has no name. */
  readonly clientName: string | null
  /** Allowed account SIDs, the account of the client first. If null, Restcomm decides about access. */
  readonly accounts: ReadonlySet<string> | null
  /** Permitted actions of mutations. Restcomm can still refuse an action. */
  readonly actions: readonly Action[]
  /** Time of expiry in milliseconds since the epoch; null if the credentials never expire. */
  readonly expiresAt: number | null
}

export type Identity = UpstreamCredentials | GraphQLError

interface Client {
  /** Text which is unique for each client. `clientId` is the hash of the text. */
  readonly identity: string
  readonly name: string | null
  readonly accounts: readonly string[] | null
  readonly actions: readonly Action[]
  readonly expiresAt: number | null
}

export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

export function basicCredentials(account: string, password: string): UpstreamCredentials {
  const authorization = `Basic ${Buffer.from(`${account}:${password}`, 'utf8').toString('base64')}`
  const credential = sha256(authorization)
  return {
    account,
    authorization,
    isServiceAccount: false,
    credentialHash: credential,
    clientId: credential,
    clientName: null,
    accounts: null,
    actions: ACTIONS,
    expiresAt: null,
  }
}

/** Restricts the service credentials to the accounts of a client. Clients with equal accounts share cached data. */
export function scopeToClient(service: UpstreamCredentials, client: Client): UpstreamCredentials {
  const accounts = client.accounts && new Set(client.accounts)
  return {
    ...service,
    credentialHash:
      accounts === null ? service.credentialHash : sha256([service.authorization, ...[...accounts].sort()].join('\n')),
    clientId: sha256(client.identity),
    clientName: client.name,
    accounts,
    actions: client.actions,
    expiresAt: client.expiresAt,
  }
}

/** Returns null for an invalid value. Builds a new header, because Restcomm rejects `basic` in lower case. */
export function parseBasicCredentials(value: string): UpstreamCredentials | null {
  const [, account = '', password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  const isAccount = isAccountSid(account) || /^[^\s/@]+@[^\s/@]+$/.test(account)
  return isAccount && password !== undefined ? basicCredentials(account, password) : null
}
