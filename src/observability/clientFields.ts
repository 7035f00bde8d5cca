import { hash } from 'node:crypto'
import type { Client } from '../restcomm/principal.ts'

const ID_CHARS = 16

/**
 * Identifies a client in the log: the name of an API key, and a hash. For `Basic` credentials, the hash is made of the
 * account alone, because a weak password could be guessed from a hash.
 */
export function clientFields({ clientName, clientId, account, isServiceAccount }: Client) {
  const identity = isServiceAccount ? clientId : (account ?? '')
  return { client: clientName ?? undefined, clientId: hash('sha256', identity, 'base64url').slice(0, ID_CHARS) }
}
