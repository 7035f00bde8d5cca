import { describe, expect, it } from 'vitest'
import { invalidDeprecations, REASON_EXAMPLE, schemaElements } from '../../../scripts/deprecations.ts'
import { apiSdl } from '../../../src/graphql/schema.ts'

const sdlWithReason = (reason: string) => `type Query { a: Int b: Int @deprecated(reason: ${JSON.stringify(reason)}) }`
const TODAY = '2027-02-01'
const invalid = (currentSdl: string, committedSdl = currentSdl) => invalidDeprecations(currentSdl, committedSdl, TODAY)

describe('invalidDeprecations', () => {
  it('every @deprecated of the schema names a replacement and the date of the removal', () => {
    expect(invalid(apiSdl())).toEqual([])
  })

  it.each([
    REASON_EXAMPLE,
    'Use `a`. Removal after 2028-02-29.',
    'Use `a` or `c`: `b` counts ended calls twice. Removal after 2027-06-30.',
    'Use `a`.\nThe order is the same. Removal after 2027-06-30.',
  ])('invalidDeprecations accepts the reason %j', reason => {
    expect(invalid(sdlWithReason(reason))).toEqual([])
  })

  it.each([
    '',
    'Use `a`.',
    'Removal after 2027-06-30.',
    'Use a. Removal after 2027-06-30.',
    'Use `a`. Removal after 2027-06-30',
    'Use `a`. Removal after 30 June 2027.',
    'Use `a`. Removal after 2027-02-29.',
    'Use `a`. Removal after 2027-13-01.',
    'Use `a`. Removal after 2027-06-30. Ask support.',
  ])('invalidDeprecations reports the reason %j', reason => {
    expect(invalid(sdlWithReason(reason))).toEqual([`Query.b: ${JSON.stringify(reason)}`])
  })

  it('invalidDeprecations reports a date before today, unless the committed schema has the same deprecation', () => {
    const expired = 'Use `a`. Removal after 2027-01-31.'
    const report = [`Query.b: ${JSON.stringify(expired)}`]
    expect(invalid(sdlWithReason(expired), 'type Query { a: Int b: Int }')).toEqual(report)
    expect(invalid(sdlWithReason(expired), 'type Query { a: Int }')).toEqual(report)
    expect(invalid(sdlWithReason(expired), sdlWithReason(REASON_EXAMPLE))).toEqual(report)
    expect(invalid(sdlWithReason(expired), sdlWithReason(`Not exact. ${expired}`))).toEqual([])
    expect(invalid(sdlWithReason(`Use \`a\`. Removal after ${TODAY}.`), 'type Query { a: Int b: Int }')).toEqual([])
  })

  it('invalidDeprecations reports fields, arguments, input fields and enum values, also without a reason', () => {
    const sdl = `
      type Query { a(b: Int @deprecated, c: D): E @deprecated(reason: "old") }
      interface I { f: Int @deprecated }
      input D { g: Int @deprecated }
      enum E { H J @deprecated }`
    expect(invalid(sdl)).toEqual([
      'Query.a: "old"',
      'Query.a.b: "No longer supported"',
      'I.f: "No longer supported"',
      'D.g: "No longer supported"',
      'E.J: "No longer supported"',
    ])
  })
})

describe('schemaElements', () => {
  it('schemaElements gives arguments the removal date of a deprecated field', () => {
    const sdl = `type Query {
      a(b: Int, c: Int @deprecated(reason: "Use \`b\`. Removal after 2027-01-31.")): Int
        @deprecated(reason: "Use \`d\`. Removal after 2027-06-30.")
      d(b: Int): Int
    }`
    expect(schemaElements(sdl).map(({ path, removalDate }) => [path, removalDate])).toEqual([
      ['Query.a', '2027-06-30'],
      ['Query.a.b', '2027-06-30'],
      ['Query.a.c', '2027-01-31'],
      ['Query.d', undefined],
      ['Query.d.b', undefined],
    ])
  })
})
