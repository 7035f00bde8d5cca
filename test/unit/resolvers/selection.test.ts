import { buildSchema, execute, type GraphQLResolveInfo, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { asksOnlyFor, type Known } from '../../../src/resolvers/selection.ts'

const schema = buildSchema(`
  interface Node { id: ID! }
  interface Named { name: String }
  type Room implements Node & Named { id: ID! sid: ID! name: String owner: Owner caller: Caller }
  type Owner implements Node { id: ID! sid: ID! name: String }
  type Caller implements Node { id: ID! from: String }
  union Entity = Room | Owner | Caller
  type Query { things: [Entity] room: Room }
`)

const KNOWN: Known = { id: true, sid: true, owner: { id: true } }

const infoOf = (query: string, variableValues: Record<string, unknown> = {}): GraphQLResolveInfo => {
  const document = parse(query)
  expect(validate(schema, document)).toEqual([])
  let found: GraphQLResolveInfo | undefined
  const look = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    found = info
    return null
  }
  execute({ schema, document, variableValues, rootValue: { things: look, room: look } })
  if (found === undefined) throw new Error('Nothing was asked.')
  return found
}

describe('only what is known is asked for', () => {
  it.each([
    ['a key', '{ room { id } }'],
    ['several keys, under other names', '{ room { a: id b: sid } }'],
    ['the name of the type', '{ room { __typename } }'],
    ['what is known of an object in it', '{ room { owner { id __typename } } }'],
    ['a key in a fragment without a type', '{ room { ... { id } } }'],
    ['a key in a fragment of its type', '{ things { ... on Room { id } } }'],
    ['a key in a fragment of its interface', '{ things { ... on Node { id } } }'],
    [
      'a key in fragments within fragments',
      '{ things { ...A } } fragment A on Room { ...B } fragment B on Node { id }',
    ],
    ['more of another type', '{ things { ... on Caller { from } ... on Owner { name } ... on Room { sid } } }'],
    ['nothing of this type', '{ things { ... on Caller { from } } }'],
    ['more, that is skipped', '{ room { id name @skip(if: true) } }'],
    ['more, that is not included', '{ room { id ... on Room @include(if: false) { name } } }'],
  ])('%s', (_what, query) => {
    expect(asksOnlyFor(KNOWN, 'Room', infoOf(query))).toBe(true)
  })

  it('more, where a variable leaves it out', () => {
    const query = 'query ($more: Boolean!) { room { id ...Name @include(if: $more) } } fragment Name on Room { name }'
    expect(asksOnlyFor(KNOWN, 'Room', infoOf(query, { more: false }))).toBe(true)
    expect(asksOnlyFor(KNOWN, 'Room', infoOf(query, { more: true }))).toBe(false)
  })
})

it('is told in a time that grows with the text, and not with what fragments expand to', () => {
  const spreads = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Room { ...F${i + 1} ...F${i + 1} }`).join(' ')
  const asking = (field: string) =>
    asksOnlyFor(KNOWN, 'Room', infoOf(`{ room { ...F0 } } ${spreads} fragment F60 on Room { ${field} }`))
  expect(asking('sid')).toBe(true)
  expect(asking('name')).toBe(false)
})

it('is told of each object by itself, where two are asked for the same fragment', () => {
  const query = '{ room { ...A owner { ...A } } } fragment A on Node { id ... on Room { sid } ... on Owner { sid } }'
  expect(asksOnlyFor(KNOWN, 'Room', infoOf(query))).toBe(false)
  expect(asksOnlyFor({ ...KNOWN, owner: { id: true, sid: true } }, 'Room', infoOf(query))).toBe(true)
})

describe('more than is known is asked for', () => {
  it.each([
    ['another field', '{ room { name } }'],
    ['another field under the name of a key', '{ room { id: name } }'],
    ['another field in a fragment', '{ things { ...A } } fragment A on Room { id name }'],
    ['another field of an interface', '{ things { ... on Named { name } } }'],
    ['another field of an object that is known by its key', '{ room { owner { sid } } }'],
    ['an object of which nothing is known', '{ room { caller { id } } }'],
    ['another field, where the field is written twice', '{ room { id } room { name } }'],
    ['another field, that is not skipped', '{ room { name @skip(if: false) @include(if: true) } }'],
  ])('%s', (_what, query) => {
    expect(asksOnlyFor(KNOWN, 'Room', infoOf(query))).toBe(false)
  })

  it('of a type that there is not', () => {
    expect(asksOnlyFor(KNOWN, 'Rooom', infoOf('{ room { id } }'))).toBe(false)
  })
})
