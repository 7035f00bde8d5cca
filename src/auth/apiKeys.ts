import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'
import { scopeToClient, type UpstreamCredentials } from './upstreamCredentials.ts'

type ApiKeyVerifier = (key: string) => UpstreamCredentials | null

/** Compares a key with every hash in constant time, so that response times do not reveal the keys. */
export function createApiKeyVerifier(
  apiKeys: Config['authentication']['apiKeys'],
  serviceCredentials: UpstreamCredentials,
): ApiKeyVerifier {
  const entries = apiKeys.map(({ name, hash, accounts }) => ({
    digest: Buffer.from(hash, 'hex'),
    credentials: scopeToClient(serviceCredentials, { identity: `key ${hash}`, name, accounts, expiresAt: null }),
  }))
  return key => {
    const digestOfKey = createHash('sha256').update(key).digest()
    let found: UpstreamCredentials | null = null
    for (const { digest, credentials } of entries) if (timingSafeEqual(digestOfKey, digest)) found = credentials
    return found
  }
}
