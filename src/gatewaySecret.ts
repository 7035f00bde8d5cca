import { createHmac } from 'node:crypto'

/**
 * Keyed hash (HMAC-SHA-256) of a text, as base64url. Without the secret, a hash cannot be compared with guessed texts, for
 * example with weak passwords.
 */
export function keyedHash(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}
