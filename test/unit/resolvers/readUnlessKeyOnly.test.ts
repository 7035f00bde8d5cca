import { buildSchema, execute, type GraphQLResolveInfo, parse, validate } from 'graphql'
import { describe, expect, it, vi } from 'vitest'
import { type KnownFields, selectsOnly } from '../../../src/resolvers/readUnlessKeyOnly.ts'

const schema = buildSchema(`
  directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  interface Node { id: ID! }
  interface Named { name: String }
  type Conference implements Node & Named { id: ID! sid: ID! name: String owner: Owner caller: Caller }
  type Owner implements Node { id: ID! sid: ID! name: String }
  type Caller implements Node { id: ID! from: String }
  union Entity = Conference | Owner | Caller
  type Query { entities: [Entity] conference: Conference }
`)

const KNOWN: KnownFields = { id: true, sid: true, owner: { id: true } }

const infoOf = (query: string, variableValues: Record<string, unknown> = {}): GraphQLResolveInfo => {
  const document = parse(query)
  expect(validate(schema, document)).toEqual([])
  let found: GraphQLResolveInfo | undefined
  const resolve = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    found = info
    return null
  }
  execute({ schema, document, variableValues, rootValue: { entities: resolve, conference: resolve } })
  if (found === undefined) throw new Error('No field was resolved.')
  return found
}

describe('selectsOnly returns true for', () => {
  it.each([
    ['a key', '{ conference { id } }'],
    ['several keys with aliases', '{ conference { a: id b: sid } }'],
    ['__typename', '{ conference { __typename } }'],
    ['known fields of a nested object', '{ conference { owner { id __typename } } }'],
    ['a key in a fragment without type condition', '{ conference { ... { id } } }'],
    ['a key in a deferred fragment', '{ conference { id ... @defer { sid } } }'],
    ['a key in a fragment on the type', '{ entities { ... on Conference { id } } }'],
    ['a key in a fragment on an interface of the type', '{ entities { ... on Node { id } } }'],
    ['a key in nested fragments', '{ entities { ...A } } fragment A on Conference { ...B } fragment B on Node { id }'],
    [
      'unknown fields of a different type',
      '{ entities { ... on Caller { from } ... on Owner { name } ... on Conference { sid } } }',
    ],
    ['a selection without fields of the type', '{ entities { ... on Caller { from } } }'],
    ['an unknown field with @skip', '{ conference { id name @skip(if: true) } }'],
    [
      'an unknown field in a fragment excluded by @include',
      '{ conference { id ... on Conference @include(if: false) { name } } }',
    ],
  ])('selectsOnly returns true for %s', (_case, query) => {
    expect(selectsOnly(KNOWN, 'Conference', infoOf(query))).toBe(true)
  })

  it('selectsOnly returns true for an unknown field excluded by a variable', () => {
    const query =
      'query ($more: Boolean!) { conference { id ...Name @include(if: $more) } } fragment Name on Conference { name }'
    expect(selectsOnly(KNOWN, 'Conference', infoOf(query, { more: false }))).toBe(true)
    expect(selectsOnly(KNOWN, 'Conference', infoOf(query, { more: true }))).toBe(false)
  })
})

it('selectsOnly needs linear time for repeated fragment spreads', () => {
  const spreads = Array.from(
    { length: 60 },
    (_, i) => `fragment F${i} on Conference { ...F${i + 1} ...F${i + 1} }`,
  ).join(' ')
  const selects = (field: string) =>
    selectsOnly(
      KNOWN,
      'Conference',
      infoOf(`{ conference { ...F0 } } ${spreads} fragment F60 on Conference { ${field} }`),
    )
  expect(selects('sid')).toBe(true)
  expect(selects('name')).toBe(false)
})

it('selectsOnly checks a fragment separately for each object that spreads the fragment', () => {
  const query =
    '{ conference { ...A owner { ...A } } } fragment A on Node { id ... on Conference { sid } ... on Owner { sid } }'
  expect(selectsOnly(KNOWN, 'Conference', infoOf(query))).toBe(false)
  expect(selectsOnly({ ...KNOWN, owner: { id: true, sid: true } }, 'Conference', infoOf(query))).toBe(true)
})

describe('selectsOnly returns false for', () => {
  it.each([
    ['an unknown field', '{ conference { name } }'],
    ['an unknown field with a key as alias', '{ conference { id: name } }'],
    ['an unknown field in a fragment', '{ entities { ...A } } fragment A on Conference { id name }'],
    ['an unknown field in a deferred fragment', '{ conference { id ... @defer { name } } }'],
    ['an unknown field of an interface', '{ entities { ... on Named { name } } }'],
    ['an unknown field of a nested object', '{ conference { owner { sid } } }'],
    ['an unknown object', '{ conference { caller { id } } }'],
    ['an unknown field in the second of two equal fields', '{ conference { id } conference { name } }'],
    ['an unknown field with @skip(if: false)', '{ conference { name @skip(if: false) @include(if: true) } }'],
  ])('selectsOnly returns false for %s', (_case, query) => {
    expect(selectsOnly(KNOWN, 'Conference', infoOf(query))).toBe(false)
  })

  it('selectsOnly returns false for a type missing from the schema', () => {
    expect(selectsOnly(KNOWN, 'Unknown', infoOf('{ conference { id } }'))).toBe(false)
  })
})

it('selectsOnly collects the fields once for all objects of a list', () => {
  const info = infoOf('query ($more: Boolean!) { entities { ... on Conference { id name @include(if: $more) } } }', {
    more: false,
  })
  const getType = vi.spyOn(schema, 'getType')
  expect(selectsOnly(KNOWN, 'Conference', info)).toBe(true)
  const callsOfFirst = getType.mock.calls.length
  expect(selectsOnly(KNOWN, 'Conference', info)).toBe(true)
  // The second call reads the type only once, and does not read the type conditions again.
  expect([callsOfFirst, getType.mock.calls.length - callsOfFirst]).toEqual([2, 1])
})
