import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isLike } from '../../../../src/restcomm/resources/sqlLike.ts'

it.each([
  ['', '', true],
  ['', '%', true],
  ['a', '', false],
  ['abc', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'a%', true],
  ['abc', '%c', true],
  ['abc', '%b%', true],
  ['abc', '_b_', true],
  ['abc', '__', false],
  ['abc', '____', false],
  ['aXbXc', 'a%b%c', true],
  ['abab', '%ab', true],
  ['a%c', 'a\\%c', false],
  ['line\nbreak', 'line_break', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['🎧', '_', true],
  ['🎧', '__', true],
])('%j is like %j: %s', (text, pattern, is) => {
  expect(isLike(text, pattern)).toBe(is)
})

it('agrees with a regular expression', () => {
  const part = fc.constantFrom('a', 'b', '%', '_')
  const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map(parts => parts.join(''))
  const patterns = fc.array(part, { maxLength: 8 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(texts, patterns, (text, pattern) => {
      const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`)
      expect(isLike(text, pattern)).toBe(expression.test(text))
    }),
    { numRuns: 5_000 },
  )
})

it('takes no longer for a pattern that is made to take long', () => {
  const started = performance.now()
  expect(isLike('a'.repeat(5_000), `${'%a'.repeat(500)}%b`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(1_000)
})
