import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isLoopback } from './loopback.ts'

/** Keys by which signatures are checked: public ones, so that who reads the file can sign nothing. */
const publicKey = z.looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) }).refine(key => !('d' in key))
const publicKeySet = z.object({ keys: z.array(publicKey).min(1) })

/** A JSON Web Key Set (RFC 7517). */
type KeySet = z.output<typeof publicKeySet>

const keySetIn = (file: string): KeySet | null => {
  try {
    return publicKeySet.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

export const keySetFile = () =>
  z
    .string()
    .transform((file, check) => {
      const keySet = keySetIn(file)
      if (keySet !== null) return keySet
      check.addIssue({ code: 'custom' })
      return z.NEVER
    })
    .optional()
    .describe('a file with a JSON Web Key Set of public keys')

const isKeySetUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hostname } = new URL(text)
  const isPrivate = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
  return isPrivate && username === '' && password === ''
}

export const keySetUrl = () =>
  z
    .string()
    .refine(isKeySetUrl)
    .optional()
    .describe('an https address, or an http one on this machine, without credentials')
