import { expect, it } from 'vitest'
import { DecodingError, findRow } from '../../../src/restcomm/errors.ts'

const unreadable = new DecodingError('The row has no SID.', 'id')

it.each([
  ['a matching row', [1, 2], 2],
  ['a matching row beside an unreadable row', [unreadable, 2], 2],
  ['null without a matching row', [1, 3], null],
  ['null for no rows', [], null],
])('findRow returns %s', (_result, rows: readonly (number | DecodingError)[], expected) => {
  expect(findRow(rows, row => row === 2)).toBe(expected)
})

it('findRow throws the error of an unreadable row if no other row matches', () => {
  expect(() => findRow<number>([1, unreadable], row => row === 2)).toThrow(unreadable)
})

it('a decoding error has no stack, because a list can contain thousands, and later errors have a stack', () => {
  expect(unreadable.stack).not.toContain('    at ')
  expect(new Error('later').stack).toContain('    at ')
})
