import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { z } from 'zod'

// The description of each type is the end of the error message: `PORT is "abc": expected <description>.`

export function integer(min: number, max: number, fallback: number) {
  return integerText(min, max).default(fallback).describe(`an integer from ${min} to ${max}`)
}

export function optionalInteger(min: number, max: number) {
  return integerText(min, max).optional().describe(`an integer from ${min} to ${max}`)
}

function integerText(min: number, max: number) {
  const isInRange = (value: number) => value >= min && value <= max
  return z.string().regex(/^\d+$/).transform(Number).refine(isInRange)
}

export function integerOrAuto(max: number, fallback: number) {
  return z
    .union([z.literal('auto'), integerText(1, max)])
    .default(fallback)
    .describe(`auto or an integer from 1 to ${max}`)
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) {
  const description = `one of ${values.join(', ')}`
  return z.enum(values).default(fallback).describe(description)
}

export function boolean(fallback: boolean) {
  const isTrue = z.enum(['true', 'false']).transform(text => text === 'true')
  return isTrue.default(fallback).describe('true or false')
}

export function optionalText(description: string, pattern: RegExp = /^/) {
  return z.string().regex(pattern).optional().describe(description)
}

export function optionalUrl(isAccepted: (url: URL) => boolean, description: string) {
  return z
    .string()
    .refine(text => URL.canParse(text) && isAccepted(new URL(text)))
    .optional()
    .describe(description)
}

/** Excludes private keys, which have a member `d`, because a reader of the file could sign tokens. */
const publicKey = z.looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) }).refine(key => !('d' in key))

/** The path of a JSON Web Key Set (RFC 7517). The value of the setting is the content of the file. */
export function jwksFile() {
  return z
    .string()
    .transform(readJson)
    .pipe(z.object({ keys: z.array(publicKey).min(1) }))
    .optional()
    .describe('the path of a JSON Web Key Set with public keys')
}

/** If the file is missing or not JSON, returns undefined, which is not a key set. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}
