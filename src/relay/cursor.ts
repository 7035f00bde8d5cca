import { hash } from 'node:crypto'
import { badUserInput } from '../userInputError.ts'

/**
 * Cursors are opaque and versioned, and carry the fingerprint of the list that issued them, so that one from another
 * list, another order or another version is refused instead of meaning some other place here.
 */
const VERSION = '1'

/** A place in a list in upstream order: the identity that stood there, and where. The identity outlives the position. */
export interface Anchor {
  readonly position: number
  readonly id: string
}

/** What a row is sorted by: compared part by part, numbers as numbers and texts by code unit; the last part is unique. */
export type SortKey = readonly (number | string)[]

/** Names a list by all that decides what stands in it and in which order: account, filter, sorting. */
export const listFingerprint = (...parts: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 10)

const encode = (fingerprint: string, place: string): string =>
  Buffer.from(`${VERSION}${fingerprint}${place}`, 'utf8').toString('base64url')

const decode = (cursor: string, fingerprint: string, argument: string): string => {
  const text = cursor.length <= 65_536 ? Buffer.from(cursor, 'base64url').toString('utf8') : ''
  // A lenient decoder would accept many spellings of one cursor; only the one that was issued counts.
  if (Buffer.from(text, 'utf8').toString('base64url') !== cursor || text === '') {
    throw badUserInput(`\`${argument}\` is not a cursor of this API.`)
  }
  if (!text.startsWith(VERSION)) throw badUserInput(`\`${argument}\` is a cursor of another version; start again.`)
  if (!text.startsWith(fingerprint, VERSION.length)) {
    throw badUserInput(`\`${argument}\` is a cursor of another list: another account, filter or order.`)
  }
  return text.slice(VERSION.length + fingerprint.length)
}

/** Throws where a cursor is not of this list, whatever stands in it. `argument` is the one it came in. */
export const checkCursor = (cursor: string | null, fingerprint: string, argument: string): void => {
  if (cursor !== null) decode(cursor, fingerprint, argument)
}

export const anchorCursor = (fingerprint: string, anchor: Anchor): string =>
  encode(fingerprint, `@${anchor.position}.${anchor.id}`)

/** Parses a cursor of a list in upstream order. `argument` is the one it came in, for the message. */
export const anchorOf = (cursor: string, fingerprint: string, argument: string): Anchor => {
  const match = /^@(0|[1-9]\d{0,9})\.([A-Za-z0-9-]{1,80})$/.exec(decode(cursor, fingerprint, argument))
  // Restcomm counts rows in 32 bits.
  if (match?.[1] === undefined || match[2] === undefined || Number(match[1]) >= 2 ** 31) {
    throw badUserInput(`\`${argument}\` is not a cursor of this API.`)
  }
  return { position: Number(match[1]), id: match[2] }
}

export const keyCursor = (fingerprint: string, key: SortKey): string => encode(fingerprint, JSON.stringify(key))

/** Parses a cursor of a sorted list. `shape` is a key of that list, whose parts' types the cursor must have. */
export const sortKeyOf = (cursor: string, fingerprint: string, argument: string, shape: SortKey): SortKey => {
  const key = parsed(decode(cursor, fingerprint, argument))
  if (!Array.isArray(key) || key.length !== shape.length || key.some((part, i) => typeof part !== typeof shape[i])) {
    throw badUserInput(`\`${argument}\` is not a cursor of this API.`)
  }
  return key
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Negative where `a` stands before `b`, 0 where they are the same place. */
export const compareKeys = (a: SortKey, b: SortKey): number => {
  for (let i = 0; i < a.length; i++) {
    const [part, other] = [a[i], b[i]]
    if (part === undefined || other === undefined) return a.length - b.length
    if (part < other) return -1
    if (part > other) return 1
  }
  return 0
}
