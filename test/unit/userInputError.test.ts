import { expect, it } from 'vitest'
import { quote } from '../../src/userInputError.ts'

it.each([
  ['a "quoted" text', '"a \\"quoted\\" text"'],
  [12, '12'],
  [null, 'null'],
  [undefined, 'undefined'],
  [true, 'true'],
  [['a', [1, null], {}], '["a",[1,null],{…}]'],
  [{ toString: 1, constructor: null }, '{…}'],
])('quote prints %j as %s', (value, expected) => {
  expect(quote(value)).toBe(expected)
})

function nested(levels: number): unknown {
  let value: unknown = 'x'
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

it('quote prints the beginning of a list that is too deep for a recursion', () => {
  expect(quote(nested(500_000))).toBe(`${'['.repeat(256)}…`)
})

it('quote prints the beginning of a long text', () => {
  expect(quote('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(255)}…`)
})

it('quote reads only the beginning of a long list', () => {
  let reads = 0
  const list = new Proxy(
    Array.from({ length: 100_000 }, () => 1),
    {
      get: (target, property) => {
        reads++
        return Reflect.get(target, property)
      },
    },
  )
  expect(quote(list)).toMatch(/^\[1,1,.*…$/)
  expect(reads).toBeLessThan(1_000)
})
