import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'
import { type Credentials, onBehalfOf } from './credentials.ts'

/** What whoever shows this key may use; null for a key that is not known. */
type FindKey = (key: string) => Credentials | null

/** Compares with every hash, and each in constant time, so that the time taken tells nothing about the keys. */
export const apiKeys = (keys: Config['authentication']['apiKeys'], own: Credentials): FindKey => {
  const known = keys.map(({ name, hash, accounts }) => ({
    digest: Buffer.from(hash, 'hex'),
    credentials: onBehalfOf(own, { identity: `key ${hash}`, name, accounts, expiresAt: null }),
  }))
  return key => {
    const shown = createHash('sha256').update(key).digest()
    let found: Credentials | null = null
    for (const { digest, credentials } of known) if (timingSafeEqual(shown, digest)) found = credentials
    return found
  }
}
