import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareKeys,
  decodeKeyCursor,
  decodeOffsetCursor,
  encodeKeyCursor,
  encodeOffsetCursor,
  listFingerprint,
  type SortKey,
} from '../../../src/relay/cursor.ts'

const LIST = listFingerprint('conferences', 'AC1', { status: 'COMPLETED' })
const OTHER = listFingerprint('conferences', 'AC2', { status: 'COMPLETED' })
const badUserInput = (message: string) => expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } })
const cursorOf = (text: string) => Buffer.from(text).toString('base64url')

describe('an offset cursor', () => {
  it('an offset cursor decodes to the encoded position and id', () => {
    fc.assert(
      fc.property(fc.nat(), fc.stringMatching(/^[A-Za-z0-9-]{1,80}$/), (position, id) => {
        expect(decodeOffsetCursor(encodeOffsetCursor(LIST, { position, id }), LIST, 'after')).toEqual({ position, id })
      }),
    )
  })

  it('decodeOffsetCursor rejects a cursor of a different list', () => {
    const cursor = encodeOffsetCursor(OTHER, { position: 3, id: 'CF1' })
    expect(() => decodeOffsetCursor(cursor, LIST, 'before')).toThrow(
      badUserInput(
        `\`before: "${cursor}"\` is a cursor of a different list: expected the same account, filter and order.`,
      ),
    )
  })

  it('decodeOffsetCursor rejects a cursor of a different version', () => {
    const cursor = cursorOf(`2${LIST}@3.CF1`)
    expect(() => decodeOffsetCursor(cursor, LIST, 'after')).toThrow(
      badUserInput(`\`after: "${cursor}"\` is a cursor of a different API version: restart from the first page.`),
    )
  })

  it.each([
    ['an empty string', ''],
    ['a sentence', 'not a cursor'],
    ['a number', '42'],
    ['a key cursor of the same list', encodeKeyCursor(LIST, [1, 'CF1'])],
    ['a negative position', cursorOf(`1${LIST}@-1.CF1`)],
    ['a position with a leading zero', cursorOf(`1${LIST}@01.CF1`)],
    ['an empty id', cursorOf(`1${LIST}@1.`)],
    ['a cursor with padding', `${encodeOffsetCursor(LIST, { position: 10, id: 'CF1' })}=`],
    ['a string of 100,000 characters', 'A'.repeat(100_000)],
  ])('decodeOffsetCursor rejects %s', (_case, cursor) => {
    expect(() => decodeOffsetCursor(cursor, LIST, 'after')).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
    )
  })

  it('decodeOffsetCursor rejects arbitrary strings', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(() => decodeOffsetCursor(text, LIST, 'after')).toThrow()
      }),
    )
  })
})

describe('a key cursor', () => {
  /** Any Unicode character. The predefined unit `binary` of fast-check builds a table of all characters for half a second. */
  const character = fc
    .nat({ max: 0x10ffff })
    .filter(point => point < 0xd800 || point > 0xdfff)
    .map(point => String.fromCodePoint(point))

  it('a key cursor decodes to the encoded key with arbitrary strings', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string({ unit: character }), fc.string(), (number, name, sid) => {
        const key: SortKey = [number, name, sid]
        expect(decodeKeyCursor(encodeKeyCursor(LIST, key), LIST, 'after', [0, '', ''])).toEqual(key)
      }),
    )
  })

  it.each([
    ['too few parts', [1]],
    ['too many parts', [1, 'a', 'b']],
    ['a part of a different type', ['1', 'a']],
    ['an object instead of an array', { 0: 1, 1: 'a' }],
  ])('decodeKeyCursor rejects a key with %s', (_case, key) => {
    const cursor = cursorOf(`1${LIST}${JSON.stringify(key)}`)
    expect(() => decodeKeyCursor(cursor, LIST, 'after', [0, ''])).toThrow(
      badUserInput(`\`after: "${cursor}"\` is not a valid cursor: expected a cursor from a previous page.`),
    )
  })
})

it('compareKeys compares part by part and numbers by value', () => {
  expect(compareKeys([2, 'b'], [10, 'a'])).toBeLessThan(0)
  expect(compareKeys([2, 'b'], [2, 'a'])).toBeGreaterThan(0)
  expect(compareKeys([2, 'b'], [2, 'b'])).toBe(0)
})

it('listFingerprint differs for lists with different parts', () => {
  expect(listFingerprint('a', 'b')).toBe(listFingerprint('a', 'b'))
  expect(listFingerprint('a', 'b')).not.toBe(listFingerprint('ab'))
  expect(listFingerprint('a', null)).not.toBe(listFingerprint('a', 'null'))
})
