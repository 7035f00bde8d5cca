import { hash } from 'node:crypto'
import { isAccountSid } from '../model.ts'
import type { Client } from '../restcomm/principal.ts'

const ID_CHARS = 16

/**
 * Identifies a client in the log: the name of an API key, a hash, and the SID of the client's account, which is the first
 * of the allowed accounts. For `Basic` credentials, the hash is made of the account alone, because a weak password could
 * be guessed from a hash. Empty for a request without credentials.
 */
export function clientFields(client: Client | null) {
  if (client === null || client.clientId === '') return {}
  const { clientName, clientId, isServiceAccount } = client
  const [account = client.account ?? ''] = client.accounts ?? []
  const identity = isServiceAccount ? clientId : account
  return {
    client: clientName ?? undefined,
    clientId: hash('sha256', identity, 'base64url').slice(0, ID_CHARS),
    account: isAccountSid(account) ? account : undefined,
  }
}
