import { LRUCache } from 'lru-cache'
import type { Principal } from './principal.ts'

type Credentials = Pick<Principal, 'credentialHash' | 'isServiceAccount'>

const MAX_CREDENTIALS = 50_000
const TTL_MS = 3_600_000

/**
 * The credentials which Restcomm accepted within the last hour. Clients can invent credentials, so limits per client are
 * not sufficient: all credentials not yet accepted share small limits.
 */
export class AcceptedCredentials {
  readonly #hashes = new LRUCache<string, true>({ max: MAX_CREDENTIALS, ttl: TTL_MS })

  /** Always true for the gateway's own credentials, because the gateway has verified the client. */
  has({ credentialHash, isServiceAccount }: Credentials): boolean {
    return isServiceAccount || this.#hashes.has(credentialHash)
  }

  /** Must be called for each answer of Restcomm. Restcomm checks the credentials first, and answers 401 if invalid. */
  recordStatus(credentials: Credentials, status: number): void {
    if (status === 401) this.#hashes.delete(credentials.credentialHash)
    else if (status < 300) this.accept(credentials)
  }

  accept({ credentialHash }: Credentials): void {
    this.#hashes.set(credentialHash, true)
  }
}
