import fc from 'fast-check'
import { getOperationAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../../src/graphql/schema.ts'
import { costCounter } from '../../../src/graphql/limits/calculateCost.ts'
import { shapeOf } from '../../../src/graphql/limits/measureQuery.ts'

const count = costCounter(createSchema(), { defaultSize: 50, maximumSize: 500 })

const counted = (text: string, variables: Record<string, unknown> = {}, name?: string) => {
  const document = parse(text)
  const operation = getOperationAST(document, name)
  if (!operation) throw new Error('There is no such operation.')
  return count(document, operation, variables)
}
const costOf = (text: string, variables?: Record<string, unknown>) => counted(text, variables).cost

describe('the cost of a query', () => {
  it.each([
    ['{ __typename }', 1],
    ['{ viewer { sid } }', 1],
    ['{ a: viewer { sid } b: viewer { sid } }', 2],
    ['{ conferences(first: 0) { nodes { sid } } }', 1],
    ['{ conferences { nodes { sid } } }', 50],
    ['{ conferences(first: 10) { nodes { sid } } }', 10],
    ['{ conferences(last: 10) { edges { node { sid } } } }', 10],
    ['{ conferences(first: null, last: 10) { nodes { sid } } }', 10],
    ['{ conferences(first: 10) { totalCount pageInfo { hasNextPage } } }', 10],
    ['{ conferences(first: 10) { nodes { participants(first: 20) { nodes { call { from } } } } } }', 210],
    ['{ conferences(first: 10) { edges { node { participants(first: 20) { edges { node { muted } } } } } } }', 210],
    [
      '{ conferences(first: 2) { nodes { calls(first: 3) { totalCount } } edges { node { calls(first: 5) { totalCount } } } } }',
      18,
    ],
    [
      '{ conferences(first: 2) { nodes { account { conferences(first: 3) { nodes { participants(first: 4) { totalCount } } } } } } }',
      32,
    ],
    ['{ viewer { conferences(first: 10) { nodes { sid } } } account(sid: "x") { sid } }', 11],
    ['{ conferences(first: 3) { nodes { calls(first: 4) { nodes { recordings { sid } } } } } }', 15],
    ['{ conferences(first: 100000) { nodes { sid } } }', 500],
    ['{ conferences(first: -5) { nodes { sid } } }', 1],
    ['{ nodes(ids: ["a", "b", "c"]) { ... on Conference { participants(first: 5) { totalCount } } } }', 18],
    ['{ nodes(ids: "a") { id } }', 1],
    ['{ _entities(representations: [{}, {}]) { ... on Conference { participants(first: 5) { totalCount } } } }', 12],
    ['{ __schema { types { name } } }', 1],
    ['mutation { endConference(input: { conferenceId: "x" }) { hungUp { sid } } }', 1],
    [
      'mutation { muteConference(input: { conferenceId: "x" }) { conference { participants(first: 7) { totalCount } } } }',
      7,
    ],
    [
      'subscription { conferenceEvents(conferenceId: "x") { ... on ConferenceSnapshot { conference { participants(first: 7) { totalCount } } } } }',
      7,
    ],
    ['{ conferences(first: 10) @skip(if: true) { nodes { sid } } viewer { sid } }', 1],
    ['{ conferences(first: 10) { nodes { participants(first: 9) @include(if: false) { totalCount } } } }', 10],
    [
      '{ ...A ...A } fragment A on Query { conferences(first: 10) { ...B } } fragment B on ConferenceConnection { nodes { calls(first: 2) { totalCount } } }',
      60,
    ],
    ['{ ...A } fragment A on Query { ...A viewer { sid } }', 1],
    ['{ nothing { conferences(first: 10) { nodes { sid } } } ...None }', 1],
  ])('of %s is %i', (text, cost) => {
    expect(costOf(text)).toBe(cost)
  })

  const SIZED = `query ($n: Int = 7, $m: Int, $skip: Boolean = false) {
    conferences(first: $n) @skip(if: $skip) { nodes { participants(first: $m) { totalCount } } }
  }`
  it.each([
    [{}, 7 + 7 * 50],
    [{ n: 3 }, 3 + 3 * 50],
    [{ n: null }, 50 + 50 * 50],
    [{ n: 3, m: 2 }, 9],
    [{ n: 3, m: 2, skip: true }, 1],
    [{ n: 3, m: 'many' }, 3 + 3 * 50],
    [{ n: 3, m: 2, unknown: 5 }, 9],
  ])('is with the variables %j', (variables, cost) => {
    expect(costOf(SIZED, variables)).toBe(cost)
  })

  it('counts a variable of a name that execution loses as one without a value', () => {
    const variables = JSON.parse('{"__proto__": 0}')
    expect(costOf('query ($__proto__: Int) { conferences(first: $__proto__) { nodes { sid } } }', variables)).toBe(50)
  })

  it('is that of the operation that is run, with its own variables, whatever was run before', () => {
    const text =
      'query A($n: Int) { conferences(first: $n) { totalCount } } query B { conferences(first: 3) { totalCount } }'
    const document = parse(text)
    const cost = (name: string, variables: Record<string, unknown>) => {
      const operation = getOperationAST(document, name)
      return operation && count(document, operation, variables).cost
    }
    expect([cost('A', { n: 5 }), cost('B', { n: 5 }), cost('A', { n: 6 }), cost('A', {}), cost('B', {})]).toEqual([
      5, 3, 6, 50, 3,
    ])
  })

  it.each([
    ['{ nodes(ids: ["a", "b"]) { id } }', {}, 2],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }, 3],
    ['query ($a: ID!) { nodes(ids: [$a, $a]) { id } a: nodes(ids: [$a]) { id } }', { a: 'a' }, 2],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) @skip(if: true) { id } }', { ids: ['a', 'b', 'c'] }, 0],
    ['query ($ids: [ID!] = ["a"]) { ...A } fragment A on Query { nodes(ids: $ids) { id } }', {}, 1],
  ])('knows how many ids %s is given', (text, variables, ids) => {
    expect(counted(text, variables).nodeIds).toBe(ids)
  })

  it('knows how many objects are named in all, by whichever field and alias', () => {
    const text = `query ($ids: [ID!]!, $r: [_Any!]!) {
      a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { id } ...R ...R
    } fragment R on Query { _entities(representations: $r) { __typename } }`
    expect(counted(text, { ids: ['a', 'b', 'c'], r: [{}, {}] }).references).toBe(8)
  })
})

/** A field, as it is drawn: what it is, and what is asked below it. */
interface Drawn {
  readonly field: string
  /** Null for a single object. */
  readonly size: number | null
  readonly said: 'literal' | 'variable' | 'default'
  readonly through: 'nodes' | 'edges'
  readonly leftOut: 'no' | 'skip' | 'include' | 'skip by variable'
  readonly wrapped: 'no' | 'inline' | 'fragment'
  readonly below: readonly Drawn[]
  readonly type: string
}

const FIELDS: Readonly<Record<string, readonly (readonly [field: string, type: string, isPage: boolean])[]>> = {
  Query: [
    ['conferences', 'Conference', true],
    ['viewer', 'Account', false],
  ],
  Account: [['conferences', 'Conference', true]],
  Conference: [
    ['participants', 'Participant', true],
    ['calls', 'Call', true],
    ['account', 'Account', false],
  ],
  Participant: [
    ['conference', 'Conference', false],
    ['call', 'Call', false],
  ],
  Call: [],
}

const drawn = (parent: string, depth: number): fc.Arbitrary<readonly Drawn[]> => {
  const fields = depth === 0 ? [] : (FIELDS[parent] ?? [])
  if (fields.length === 0) return fc.constant([])
  const one = fc.constantFrom(...fields).chain(([field, type, isPage]) =>
    fc.record({
      field: fc.constant(field),
      type: fc.constant(type),
      size: isPage ? fc.nat({ max: 4 }) : fc.constant(null),
      said: fc.constantFrom('literal' as const, 'variable' as const, 'default' as const),
      through: fc.constantFrom('nodes' as const, 'edges' as const),
      leftOut: fc.constantFrom(
        'no' as const,
        'no' as const,
        'no' as const,
        'skip' as const,
        'include' as const,
        'skip by variable' as const,
      ),
      wrapped: fc.constantFrom('no' as const, 'inline' as const, 'fragment' as const),
      below: drawn(type, depth - 1),
    }),
  )
  return fc.array(one, { minLength: parent === 'Query' ? 1 : 0, maxLength: 3 })
}

/** Goes through every node that the query could bring, one after the other. */
const naively = (fields: readonly Drawn[], isTop = false): number => {
  let nodes = 0
  for (const { size, leftOut, below } of fields) {
    if (leftOut !== 'no') continue
    let here = 0
    if (size === null) here += naively(below)
    for (let i = 0; i < (size ?? 0); i++) here += 1 + naively(below)
    nodes += isTop && here === 0 ? 1 : here
  }
  return nodes
}

const written = (top: readonly Drawn[]) => {
  const definitions: string[] = []
  const fragments: string[] = []
  const variables: Record<string, unknown> = { left: true }
  let names = 0
  const write = (fields: readonly Drawn[]): string =>
    fields.length === 0 ? '__typename' : fields.map(field => writeOne(field)).join(' ')
  const sizeOf = ({ size, said }: Drawn): string => {
    if (said === 'literal') return String(size)
    const name = `n${names++}`
    definitions.push(`$${name}: Int${said === 'default' ? ` = ${size}` : ''}`)
    if (said === 'variable') variables[name] = size
    return `$${name}`
  }
  const leave = {
    no: '',
    skip: '@skip(if: true)',
    include: '@include(if: false)',
    'skip by variable': '@skip(if: $left)',
  }
  const wrap = (text: string, type: string, how: Drawn['wrapped']): string => {
    if (how === 'no') return text
    if (how === 'inline') return `... on ${type} { ${text} }`
    const name = `F${names++}`
    fragments.push(`fragment ${name} on ${type} { ${text} }`)
    return `...${name}`
  }
  const writeOne = (field: Drawn): string => {
    const alias = `a${names++}`
    const inner = wrap(write(field.below), field.type, field.wrapped)
    if (field.size === null) return `${alias}: ${field.field} ${leave[field.leftOut]} { ${inner} }`
    const page = field.through === 'nodes' ? `nodes { ${inner} }` : `edges { node { ${inner} } }`
    return `${alias}: ${field.field}(first: ${sizeOf(field)}) ${leave[field.leftOut]} { totalCount ${page} }`
  }
  const selections = write(top)
  return {
    text: `query (${['$left: Boolean!', ...definitions].join(', ')}) { ${selections} } ${fragments.join(' ')}`,
    variables,
  }
}

describe('the cost of any query', () => {
  it('is the number of nodes that somebody counts who goes through them one by one', () => {
    fc.assert(
      fc.property(drawn('Query', 4), top => {
        const { text, variables } = written(top)
        const expected = Math.max(1, naively(top, true))
        expect(costOf(text, variables)).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

/** `levels` fragments, each of which spreads the next twice: 2 to the power of `levels` fields, were they written out. */
const exponential = (levels: number, inner: string, on = 'Query'): string =>
  Array.from({ length: levels }, (_, i) => {
    const below = i + 1 < levels ? `...F${i + 1} ...F${i + 1}` : inner
    return `fragment F${i} on ${on} { ${below} }`
  }).join(' ')

const within = (milliseconds: number, work: () => void): void => {
  const start = performance.now()
  work()
  expect(performance.now() - start).toBeLessThan(milliseconds)
}

describe('fragments that expand to more than could ever be counted', () => {
  it('are counted in no time', () => {
    const text = `query ($n: Int) { ...F0 } ${exponential(200, 'a: conferences(first: $n) { totalCount }')}`
    within(500, () => {
      expect(costOf(text, { n: 2 })).toBe(2 ** 199 * 2)
      expect(shapeOf(parse(text))).toMatchObject({ depth: 2, aliases: 2 ** 199 })
    })
  })

  it('and those that come back to themselves come to an end', () => {
    const text =
      '{ ...A } fragment A on Query { a: viewer { sid } ...B ...B } fragment B on Query { ...A ...B b: viewer { sid } }'
    within(500, () => {
      expect(costOf(text)).toBeGreaterThan(0)
      expect(shapeOf(parse(text)).depth).toBe(2)
    })
  })
})

describe('the shape of a query', () => {
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
  ])('of %s is %i deep with %i aliases and %i deferred parts', (text, depth, aliases, defers) => {
    expect(shapeOf(parse(text))).toEqual({ depth, aliases, defers, introspects: false })
  })

  it.each([
    ['{ __schema { types { name } } }', 0],
    ['{ a: __schema { types { name } } }', 20],
    ['{ __schema { a: types { name } b: types { ...F } } x: viewer { y: sid } } fragment F on __Type { c: name }', 62],
    [
      '{ __type(name: "Call") { ...F } ...Q } fragment F on __Type { c: name } fragment Q on Query { ...Q2 } fragment Q2 on Query { __schema { queryType { ...F } } }',
      40,
    ],
  ])('counts the aliases by which %s asks for the schema as many', (text, aliases) => {
    expect(shapeOf(parse(text))).toMatchObject({ aliases, introspects: true })
  })

  it.each(['{ __schema { types { name } } }', '{ ...F } fragment F on Query { x: __type(name: "A") { name } }'])(
    'says that %s asks for the schema',
    text => {
      expect(shapeOf(parse(text)).introspects).toBe(true)
    },
  )
})
