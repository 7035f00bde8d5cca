import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { measureQuery } from '../../../../src/graphql/limits/measureQuery.ts'

describe('measureQuery', () => {
  it.each([
    ['{ a }', 1, 0, 0],
    ['{ a { b { c } } }', 3, 0, 0],
    ['{ a { ... on X { b { ... { c } } } } }', 3, 0, 0],
    ['{ a { ...F } } fragment F on X { b { ...G } } fragment G on Y { c { d } }', 4, 0, 0],
    ['{ x: a { y: b } z: c }', 2, 3, 0],
    ['{ ...F ...F } fragment F on X { x: a y: b }', 1, 4, 0],
    ['query A { a { b } } query B { x: a y: b }', 2, 2, 0],
    ['{ ...None }', 0, 0, 0],
    ['{ ... @defer { a } b @stream { c } ...F @defer } fragment F on X { d }', 2, 0, 3],
    ['{ ...F ...F } fragment F on X { ...G @defer } fragment G on X { a @stream b { ... @defer { c } } }', 2, 0, 6],
    ['query A { ... @defer { a } } query B { ... @defer(if: false) { a @stream } }', 1, 0, 2],
  ])(
    'measureQuery of %s returns depth %i, %i aliases and %i incremental parts',
    (text, depth, aliases, incrementalParts) => {
      expect(measureQuery(parse(text))).toEqual({ depth, aliases, incrementalParts, introspects: false })
    },
  )

  it.each([
    ['{ __schema { types { name } } }', 0],
    ['{ a: __schema { types { name } } }', 20],
    ['{ __schema { a: types { name } b: types { ...F } } x: viewer { y: sid } } fragment F on __Type { c: name }', 62],
    [
      '{ __type(name: "Call") { ...F } ...Q } fragment F on __Type { c: name } fragment Q on Query { ...Q2 } fragment Q2 on Query { __schema { queryType { ...F } } }',
      40,
    ],
  ])('measureQuery of %s returns %i aliases, weighted for introspection', (text, aliases) => {
    expect(measureQuery(parse(text))).toMatchObject({ aliases, introspects: true })
  })

  it.each(['{ __schema { types { name } } }', '{ ...F } fragment F on Query { x: __type(name: "A") { name } }'])(
    'measureQuery reports introspection in %s',
    text => {
      expect(measureQuery(parse(text)).introspects).toBe(true)
    },
  )

  it('measureQuery measures exponentially growing fragments in linear time', () => {
    const fragments = Array.from({ length: 200 }, (_, i) => {
      const inner = i < 199 ? `...F${i + 1} ...F${i + 1}` : 'a: conferences { totalCount }'
      return `fragment F${i} on Query { ${inner} }`
    })
    const document = parse(`{ ...F0 } ${fragments.join(' ')}`)
    const start = performance.now()
    expect(measureQuery(document)).toMatchObject({ depth: 2, aliases: 2 ** 199 })
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('measureQuery terminates for cyclic fragments', () => {
    const text =
      '{ ...A } fragment A on Query { a: viewer { sid } ...B ...B } fragment B on Query { ...A ...B b: viewer { sid } }'
    expect(measureQuery(parse(text)).depth).toBe(2)
  })
})
