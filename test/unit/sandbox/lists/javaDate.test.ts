import { expect, it } from 'vitest'
import { parseJavaDate } from '../../../../src/sandbox/lists/javaDate.ts'

it.each([
  { text: '2019-02-10', day: '2019-02-10' },
  { text: ' 2019-2-9', day: '2019-02-09' },
  { text: '2019-13-45', day: '2020-02-14' },
  { text: '2019-02-10junk', day: '2019-02-10' },
  { text: '2019-02-10T12:00:00Z', day: '2019-02-10' },
  { text: '19-02-10', day: '0019-02-10' },
])('parseJavaDate parses "$text" as $day', ({ text, day }) => {
  expect(parseJavaDate(text).toISOString().slice(0, 10)).toBe(day)
})

it.each(['', 'abc', '20190210', '2019/02/10', '>=2019-02-10', 'Sun, 10 Feb 2019'])(
  'parseJavaDate rejects "%s" with status 400',
  text => {
    expect(() => parseJavaDate(text)).toThrow('400')
  },
)
