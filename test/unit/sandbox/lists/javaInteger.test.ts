import { expect, it } from 'vitest'
import { parseJavaInteger } from '../../../../src/sandbox/lists/javaInteger.ts'

it.each(['5', '+5', '005', '٥'])('parseJavaInteger parses "%s" as five', text => {
  expect(parseJavaInteger(text)).toBe(5)
})

it.each(['', ' ', '5 ', '1.5', '0x5', '1e1', 'abc', 'null', '2147483648', '--5', '𝟓'])(
  'parseJavaInteger rejects "%s" with status 500',
  text => {
    expect(() => parseJavaInteger(text)).toThrow('500')
  },
)
