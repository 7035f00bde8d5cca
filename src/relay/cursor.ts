import { hash } from 'node:crypto'
import { badUserInput, quote } from '../userInputError.ts'

/** Cursors start with the version and the list fingerprint. If either differs, the cursor is rejected. */
const VERSION = '1'
const MAX_CURSOR_CHARS = 65_536

/** Id of a row, and position of the row when the cursor was issued. */
export interface OffsetCursor {
  readonly position: number
  readonly id: string
}

/** Compared part by part: numbers by value, strings by code unit. The last part, a SID, makes the key unique. */
export type SortKey = readonly (number | string)[]

/** Identifies a list by everything that determines rows and order: account, filter, sort order. */
export function listFingerprint(...parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 10)
}

function encode(fingerprint: string, payload: string): string {
  return Buffer.from(`${VERSION}${fingerprint}${payload}`, 'utf8').toString('base64url')
}

function decode(cursor: string, fingerprint: string, argument: string): string {
  const text = cursor.length <= MAX_CURSOR_CHARS ? Buffer.from(cursor, 'base64url').toString('utf8') : ''
  // Node ignores invalid base64url characters, so the decoded text is encoded again and compared with the cursor.
  if (Buffer.from(text, 'utf8').toString('base64url') !== cursor || text === '') throw invalidCursor(cursor, argument)
  if (!text.startsWith(VERSION)) {
    throw badUserInput(
      `\`${argument}: ${quote(cursor)}\` is a cursor of a different API version: restart from the first page.`,
    )
  }
  if (!text.startsWith(fingerprint, VERSION.length)) {
    throw badUserInput(
      `\`${argument}: ${quote(cursor)}\` is a cursor of a different list: expected the same account, filter and order.`,
    )
  }
  return text.slice(VERSION.length + fingerprint.length)
}

function invalidCursor(cursor: string, argument: string): Error {
  return badUserInput(
    `\`${argument}: ${quote(cursor)}\` is not a valid cursor: expected a cursor from a previous page.`,
  )
}

/** Throws for a cursor of a different list. Does not check the row. The error message names the `argument`. */
export function assertCursorOf(cursor: string | null, fingerprint: string, argument: string): void {
  if (cursor !== null) decode(cursor, fingerprint, argument)
}

export function encodeOffsetCursor(fingerprint: string, { position, id }: OffsetCursor): string {
  return encode(fingerprint, `@${position}.${id}`)
}

export function decodeOffsetCursor(cursor: string, fingerprint: string, argument: string): OffsetCursor {
  const match = /^@(0|[1-9]\d{0,9})\.([A-Za-z0-9-]{1,80})$/.exec(decode(cursor, fingerprint, argument))
  // Restcomm counts rows with 32-bit integers, so no issued cursor contains a larger position.
  if (match?.[1] === undefined || match[2] === undefined || Number(match[1]) >= 2 ** 31) {
    throw invalidCursor(cursor, argument)
  }
  return { position: Number(match[1]), id: match[2] }
}

export function encodeKeyCursor(fingerprint: string, key: SortKey): string {
  return encode(fingerprint, JSON.stringify(key))
}

/** `sampleKey` shows the number and types of the parts of a valid key. */
export function decodeKeyCursor(cursor: string, fingerprint: string, argument: string, sampleKey: SortKey): SortKey {
  const key = parseJson(decode(cursor, fingerprint, argument))
  const hasKeyTypes =
    Array.isArray(key) && key.length === sampleKey.length && key.every((part, i) => typeof part === typeof sampleKey[i])
  if (!hasKeyTypes) throw invalidCursor(cursor, argument)
  return key
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function compareKeys(a: SortKey, b: SortKey): number {
  for (let i = 0; i < a.length; i++) {
    const [partOfA, partOfB] = [a[i], b[i]]
    if (partOfA === undefined || partOfB === undefined) return a.length - b.length
    if (partOfA < partOfB) return -1
    if (partOfA > partOfB) return 1
  }
  return 0
}
