import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isLoopback } from './isLoopback.ts'

/** Excludes private keys, which have a member `d`, because a reader of the file could sign tokens. */
const publicKey = z.looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) }).refine(key => !('d' in key))
const publicJwks = z.object({ keys: z.array(publicKey).min(1) })

/** JSON Web Key Set (RFC 7517). */
type Jwks = z.output<typeof publicJwks>

export function jwksFile() {
  return z
    .string()
    .transform((file, check) => {
      const jwks = readJwks(file)
      if (jwks !== null) return jwks
      check.addIssue({ code: 'custom' })
      return z.NEVER
    })
    .optional()
    .describe('the path of a JSON Web Key Set with public keys')
}

function readJwks(file: string): Jwks | null {
  try {
    return publicJwks.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

export function jwksUrl() {
  return z
    .string()
    .refine(isJwksUrl)
    .optional()
    .describe('an https URL, or an http URL of the local host, without credentials')
}

function isJwksUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hostname } = new URL(text)
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
  return isSecure && username === '' && password === ''
}
