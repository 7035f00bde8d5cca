import fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchesSqlLike } from '../../../../src/restcomm/resources/conferenceFilter.ts'

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
])('matchesSqlLike(%j, %j) is %s', (text, pattern, expected) => {
  expect(matchesSqlLike(text, pattern)).toBe(expected)
})

it('matchesSqlLike agrees with an equivalent regular expression', () => {
  const character = fc.constantFrom('a', 'b', '%', '_')
  const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map(characters => characters.join(''))
  const patterns = fc.array(character, { maxLength: 8 }).map(characters => characters.join(''))
  fc.assert(
    fc.property(texts, patterns, (text, pattern) => {
      const regExp = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`)
      expect(matchesSqlLike(text, pattern)).toBe(regExp.test(text))
    }),
    { numRuns: 5_000 },
  )
})

// Backtracking to every wildcard would take longer than any test run.
it('matchesSqlLike backtracks to the last wildcard only, so that a pattern with 500 wildcards ends', () => {
  expect(matchesSqlLike('a'.repeat(5_000), `${'%a'.repeat(500)}%b`)).toBe(false)
})
