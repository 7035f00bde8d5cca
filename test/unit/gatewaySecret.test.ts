import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { keyedHash } from '../../src/gatewaySecret.ts'

it('keyedHash is HMAC-SHA-256 in base64url', () => {
  // RFC 4231, test case 2.
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  expect(keyedHash('Jefe', 'what do ya want for nothing?')).toBe(Buffer.from(expected, 'hex').toString('base64url'))
})

it('keyedHash depends on the secret, and is not the hash of the text', () => {
  const hashes = [
    keyedHash('one', 'text'),
    keyedHash('two', 'text'),
    createHash('sha256').update('text').digest('base64url'),
  ]
  expect(new Set(hashes).size).toBe(3)
})
