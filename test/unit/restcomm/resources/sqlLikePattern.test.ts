import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BitParallelPattern, SqlLikePattern } from '../../../../src/restcomm/resources/sqlLikePattern.ts'

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
])('SqlLikePattern(%j, %j) is %s', (text, pattern, expected) => {
  expect(new SqlLikePattern(pattern).matches(text)).toBe(expected)
})

it('SqlLikePattern agrees with an equivalent regular expression', () => {
  const character = fc.constantFrom('a', 'b', '%', '_')
  const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map(characters => characters.join(''))
  const patterns = fc.array(character, { maxLength: 8 }).map(characters => characters.join(''))
  fc.assert(
    fc.property(texts, patterns, (text, pattern) => {
      const regExp = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`)
      expect(new SqlLikePattern(pattern).matches(text)).toBe(regExp.test(text))
    }),
    { numRuns: 5_000 },
  )
})

it('SqlLikePattern agrees with an equivalent regular expression for patterns longer than a word of bits', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 60, maxLength: 130 })
  const cuts = fc.array(fc.nat({ max: 129 }), { maxLength: 6 })
  fc.assert(
    fc.property(texts, cuts, cuts, (text, wildcards, changes) => {
      const characters = text.split('')
      for (const index of changes) if (index < characters.length) characters[index] = index % 2 === 0 ? '_' : 'b'
      for (const index of wildcards) if (index < characters.length) characters[index] = '%'
      const regExp = new RegExp(`^${characters.join('').replaceAll('%', '.*').replaceAll('_', '.')}$`)
      expect(new SqlLikePattern(characters.join('')).matches(text)).toBe(regExp.test(text))
    }),
    { numRuns: 1_000 },
  )
})

it.each([
  ['wildcards with a character', `${'%a'.repeat(127)}%b`],
  ['a long part behind a wildcard', `%${'a'.repeat(250)}b%`],
  ['wildcards for single characters', `%${'_'.repeat(250)}b`],
])('the match of a pattern with %s reads each character of the text once', (_title, pattern) => {
  let reads = 0
  const text = new Proxy(Array.from('a'.repeat(5_000)), {
    get: (target, property) => {
      if (property !== 'length') reads++
      return Reflect.get(target, property)
    },
  })
  expect(new BitParallelPattern(pattern.split('')).matches(text)).toBe(false)
  expect(reads).toBe(5_000)
})
