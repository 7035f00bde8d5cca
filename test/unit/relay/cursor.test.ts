import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anchorCursor,
  anchorOf,
  compareKeys,
  keyCursor,
  listFingerprint,
  type SortKey,
  sortKeyOf,
} from '../../../src/relay/cursor.ts'

const LIST = listFingerprint('conferences', 'AC1', { status: 'COMPLETED' })
const OTHER = listFingerprint('conferences', 'AC2', { status: 'COMPLETED' })
const refused = (message: string) => expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } })
const cursorOf = (text: string) => Buffer.from(text).toString('base64url')

describe('an anchor cursor', () => {
  it('gives back position and identity', () => {
    fc.assert(
      fc.property(fc.nat(), fc.stringMatching(/^[A-Za-z0-9-]{1,80}$/), (position, id) => {
        expect(anchorOf(anchorCursor(LIST, { position, id }), LIST, 'after')).toEqual({ position, id })
      }),
    )
  })

  it('is refused by another list', () => {
    const cursor = anchorCursor(OTHER, { position: 3, id: 'CF1' })
    expect(() => anchorOf(cursor, LIST, 'before')).toThrow(
      refused('`before` is a cursor of another list: another account, filter or order.'),
    )
  })

  it('of another version is refused, and says so', () => {
    expect(() => anchorOf(cursorOf(`2${LIST}@3.CF1`), LIST, 'after')).toThrow(
      refused('`after` is a cursor of another version; start again.'),
    )
  })

  it.each([
    ['nothing', ''],
    ['a sentence', 'not a cursor'],
    ['a number', '42'],
    ['a key cursor of the same list', keyCursor(LIST, [1, 'CF1'])],
    ['a negative position', cursorOf(`1${LIST}@-1.CF1`)],
    ['a position with a leading zero', cursorOf(`1${LIST}@01.CF1`)],
    ['no identity', cursorOf(`1${LIST}@1.`)],
    ['padding that was not issued', `${anchorCursor(LIST, { position: 10, id: 'CF1' })}=`],
    ['a very long text', 'A'.repeat(100_000)],
  ])('is refused when it is %s', (_what, cursor) => {
    expect(() => anchorOf(cursor, LIST, 'after')).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
    )
  })

  it('is never accepted when it is any text from elsewhere', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(() => anchorOf(text, LIST, 'after')).toThrow()
      }),
    )
  })
})

describe('a key cursor', () => {
  it('gives back the key, whatever its texts hold', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string({ unit: 'binary' }), fc.string(), (number, name, sid) => {
        const key: SortKey = [number, name, sid]
        expect(sortKeyOf(keyCursor(LIST, key), LIST, 'after', [0, '', ''])).toEqual(key)
      }),
    )
  })

  it.each([
    ['too few parts', [1]],
    ['too many parts', [1, 'a', 'b']],
    ['a part of another type', ['1', 'a']],
    ['no list', { 0: 1, 1: 'a' }],
  ])('is refused when it has %s', (_what, key) => {
    const cursor = cursorOf(`1${LIST}${JSON.stringify(key)}`)
    expect(() => sortKeyOf(cursor, LIST, 'after', [0, ''])).toThrow(refused('`after` is not a cursor of this API.'))
  })
})

it('compares keys part by part, numbers as numbers', () => {
  expect(compareKeys([2, 'b'], [10, 'a'])).toBeLessThan(0)
  expect(compareKeys([2, 'b'], [2, 'a'])).toBeGreaterThan(0)
  expect(compareKeys([2, 'b'], [2, 'b'])).toBe(0)
})

it('names two lists alike only when all that decides what is in them is alike', () => {
  expect(listFingerprint('a', 'b')).toBe(listFingerprint('a', 'b'))
  expect(listFingerprint('a', 'b')).not.toBe(listFingerprint('ab'))
  expect(listFingerprint('a', null)).not.toBe(listFingerprint('a', 'null'))
})
