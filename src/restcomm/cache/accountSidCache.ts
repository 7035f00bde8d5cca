import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

const MAX_LOGINS = 1_000
/** Entries expire, because an e-mail address can move to a different account. */
const TTL_MS = 300_000

/** Maps credentials with an e-mail address to the SID of the account. Keys are hashes of the credentials. */
export class AccountSidCache {
  readonly #sids = new LRUCache<string, string>({ max: MAX_LOGINS, ttl: TTL_MS })

  async resolve(authorization: string, lookup: () => Promise<string>): Promise<string> {
    const cached = this.peek(authorization)
    if (cached !== null) return cached
    const sid = await lookup()
    this.#sids.set(keyOf(authorization), sid)
    return sid
  }

  /** Returns the cached SID, or null. Never sends a request. */
  peek(authorization: string): string | null {
    return this.#sids.get(keyOf(authorization)) ?? null
  }
}

function keyOf(authorization: string): string {
  return hash('sha256', authorization, 'base64')
}
