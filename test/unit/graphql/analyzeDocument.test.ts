import fc from 'fast-check'
import { Kind, parse, print, visit } from 'graphql'
import { describe, expect, it, vi } from 'vitest'
import { createDocumentAnalyzer, toSingleResultDocument } from '../../../src/graphql/analyzeDocument.ts'
import { RawVariables } from '../../../src/graphql/rawVariables.ts'
import { createSchema } from '../../../src/graphql/schema.ts'

const analyzeDocument = createDocumentAnalyzer(createSchema(), { defaultPageSize: 50, maxPageSize: 500 })
const analyze = (text: string) => analyzeDocument(parse(text))

function estimate(text: string, variables: Record<string, unknown> = {}) {
  const costEstimate = analyze(text).estimateCost(undefined, variables)
  if (costEstimate === null) throw new Error('Expected a document with one operation.')
  return costEstimate
}
const costOf = (text: string, variables?: Record<string, unknown>) => estimate(text, variables).cost

describe('cost calculator', () => {
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
    ['subscription { accountEvents { ... on AccountSnapshot { runningConferences { sid } } } }', 50],
    [
      'subscription { accountEvents { ...A } } fragment A on AccountSnapshot { runningConferences { participants(first: 7) { totalCount } } }',
      400,
    ],
    ['subscription { accountEvents { ... on ConferenceStarted { conference { sid } } } }', 1],
    ['{ conferences(first: 10) @skip(if: true) { nodes { sid } } viewer { sid } }', 1],
    ['{ conferences(first: 10) { nodes { participants(first: 9) @include(if: false) { totalCount } } } }', 10],
    [
      '{ ...A ...A } fragment A on Query { conferences(first: 10) { ...B } } fragment B on ConferenceConnection { nodes { calls(first: 2) { totalCount } } }',
      60,
    ],
    ['{ ...A } fragment A on Query { ...A viewer { sid } }', 1],
    ['{ nothing { conferences(first: 10) { nodes { sid } } } ...None }', 1],
  ])('the calculated query cost of %s is %i', (text, cost) => {
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
  ])('the cost calculator reads page sizes and @skip from the variables %j', (variables, cost) => {
    expect(costOf(SIZED, variables)).toBe(cost)
  })

  it('the cost calculator treats a variable named __proto__ as undefined, as execution does', () => {
    const variables = JSON.parse('{"__proto__": 0}')
    expect(costOf('query ($__proto__: Int) { conferences(first: $__proto__) { nodes { sid } } }', variables)).toBe(50)
  })

  it('the cost calculator returns the cost per operation and variables, independent of earlier calculations', () => {
    const text =
      'query A($n: Int) { conferences(first: $n) { totalCount } } query B { conferences(first: 3) { totalCount } }'
    const analysis = analyze(text)
    const cost = (name: string, variables: Record<string, unknown>) => analysis.estimateCost(name, variables)?.cost
    expect([cost('A', { n: 5 }), cost('B', { n: 5 }), cost('A', { n: 6 }), cost('A', {}), cost('B', {})]).toEqual([
      5, 3, 6, 50, 3,
    ])
  })

  it.each([
    ['{ nodes(ids: ["a", "b"]) { id } }', {}, 2],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }, 3],
    ['query ($a: ID!) { nodes(ids: [$a, $a]) { id } a: nodes(ids: [$a]) { id } }', { a: 'a' }, 3],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) @skip(if: true) { id } }', { ids: ['a', 'b', 'c'] }, 0],
    ['query ($ids: [ID!] = ["a"]) { ...A } fragment A on Query { nodes(ids: $ids) { id } }', {}, 1],
  ])('the calculated number of ids of %s with the variables %j is %i', (text, variables, ids) => {
    expect(estimate(text, variables).references).toBe(ids)
  })

  it('the cost calculator counts references of all fields, aliases and fragment spreads', () => {
    const text = `query ($ids: [ID!]!, $r: [_Any!]!) {
      a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { id } ...R ...R
    } fragment R on Query { _entities(representations: $r) { __typename } }`
    expect(estimate(text, { ids: ['a', 'b', 'c'], r: [{}, {}] }).references).toBe(8)
  })
})

/** A randomly generated field with its child fields. */
interface RandomField {
  readonly field: string
  /** Null for a single object. */
  readonly size: number | null
  readonly sizeFrom: 'literal' | 'variable' | 'default'
  readonly via: 'nodes' | 'edges'
  readonly omittedBy: 'no' | 'skip' | 'include' | 'skip by variable'
  readonly wrapped: 'no' | 'inline' | 'fragment'
  readonly children: readonly RandomField[]
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

const randomFields = (parent: string, depth: number): fc.Arbitrary<readonly RandomField[]> => {
  const fields = depth === 0 ? [] : (FIELDS[parent] ?? [])
  if (fields.length === 0) return fc.constant([])
  const field = fc.constantFrom(...fields).chain(([field, type, isPage]) =>
    fc.record({
      field: fc.constant(field),
      type: fc.constant(type),
      size: isPage ? fc.nat({ max: 4 }) : fc.constant(null),
      sizeFrom: fc.constantFrom('literal' as const, 'variable' as const, 'default' as const),
      via: fc.constantFrom('nodes' as const, 'edges' as const),
      omittedBy: fc.constantFrom(
        'no' as const,
        'no' as const,
        'no' as const,
        'skip' as const,
        'include' as const,
        'skip by variable' as const,
      ),
      wrapped: fc.constantFrom('no' as const, 'inline' as const, 'fragment' as const),
      children: randomFields(type, depth - 1),
    }),
  )
  return fc.array(field, { minLength: parent === 'Query' ? 1 : 0, maxLength: 3 })
}

/** Reference implementation: visits every node that the query could return. */
const countNodes = (fields: readonly RandomField[], isTop = false): number => {
  let nodes = 0
  for (const { size, omittedBy, children } of fields) {
    if (omittedBy !== 'no') continue
    let fieldNodes = 0
    if (size === null) fieldNodes += countNodes(children)
    for (let i = 0; i < (size ?? 0); i++) fieldNodes += 1 + countNodes(children)
    nodes += isTop && fieldNodes === 0 ? 1 : fieldNodes
  }
  return nodes
}

const printQuery = (top: readonly RandomField[]) => {
  const definitions: string[] = []
  const fragments: string[] = []
  const variables: Record<string, unknown> = { left: true }
  let names = 0
  const write = (fields: readonly RandomField[]): string =>
    fields.length === 0 ? '__typename' : fields.map(field => writeField(field)).join(' ')
  const sizeOf = ({ size, sizeFrom }: RandomField): string => {
    if (sizeFrom === 'literal') return String(size)
    const name = `n${names++}`
    definitions.push(`$${name}: Int${sizeFrom === 'default' ? ` = ${size}` : ''}`)
    if (sizeFrom === 'variable') variables[name] = size
    return `$${name}`
  }
  const directives = {
    no: '',
    skip: '@skip(if: true)',
    include: '@include(if: false)',
    'skip by variable': '@skip(if: $left)',
  }
  const wrap = (text: string, type: string, wrapper: RandomField['wrapped']): string => {
    if (wrapper === 'no') return text
    if (wrapper === 'inline') return `... on ${type} { ${text} }`
    const name = `F${names++}`
    fragments.push(`fragment ${name} on ${type} { ${text} }`)
    return `...${name}`
  }
  const writeField = (field: RandomField): string => {
    const alias = `a${names++}`
    const inner = wrap(write(field.children), field.type, field.wrapped)
    if (field.size === null) return `${alias}: ${field.field} ${directives[field.omittedBy]} { ${inner} }`
    const page = field.via === 'nodes' ? `nodes { ${inner} }` : `edges { node { ${inner} } }`
    return `${alias}: ${field.field}(first: ${sizeOf(field)}) ${directives[field.omittedBy]} { totalCount ${page} }`
  }
  const selections = write(top)
  return {
    text: `query (${['$left: Boolean!', ...definitions].join(', ')}) { ${selections} } ${fragments.join(' ')}`,
    variables,
  }
}

describe('cost calculator (random queries)', () => {
  it('the calculated cost of random queries equals the number of nodes counted one by one', () => {
    fc.assert(
      fc.property(randomFields('Query', 4), top => {
        const { text, variables } = printQuery(top)
        const expected = Math.max(1, countNodes(top, true))
        expect(costOf(text, variables)).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

/** `levels` fragments, each with two spreads of the next fragment: 2 ** levels fields when expanded. */
const exponential = (levels: number, inner: string, on = 'Query'): string =>
  Array.from({ length: levels }, (_, i) => {
    const below = i + 1 < levels ? `...F${i + 1} ...F${i + 1}` : inner
    return `fragment F${i} on ${on} { ${below} }`
  }).join(' ')

describe('cost calculator (nested fragments)', () => {
  it('the cost calculator returns the cost of exponentially growing fragments in linear time', () => {
    const text = `query ($n: Int) { ...F0 } ${exponential(200, 'a: conferences(first: $n) { totalCount }')}`
    // A visit of each spread would never end.
    expect(costOf(text, { n: 2 })).toBe(2 ** 199 * 2)
  })

  it('the cost calculator computes a fragment once per request, also for many page sizes', () => {
    const pages = Array.from({ length: 200 }, (_, i) => `a${i}: conferences(first: ${i}) { ...Page }`)
    const text = `query ($n: Int) { ${pages.join(' ')} }
      fragment Page on ConferenceConnection { nodes { calls(first: $n) { totalCount } } }`
    const argumentValue = vi.spyOn(RawVariables.prototype, 'argumentValue')
    costOf(text, { n: 3 })
    const readsPerPage = 2
    expect(argumentValue.mock.calls.length).toBeLessThan(readsPerPage * (pages.length + 10))
  })

  it('the cost calculator terminates for cyclic fragments', () => {
    const text =
      '{ ...A } fragment A on Query { a: viewer { sid } ...B ...B } fragment B on Query { ...A ...B b: viewer { sid } }'
    expect(costOf(text)).toBeGreaterThan(0)
  })
})

describe('document analysis', () => {
  it.each([
    ['{ a }', 1, 0, 0],
    ['{ a { b { c } } }', 3, 0, 0],
    ['{ a { ... on X { b { ... { c } } } } }', 3, 0, 0],
    ['{ a { ...F } } fragment F on X { b { ...G } } fragment G on Y { c { d } }', 4, 0, 0],
    ['{ x: a { y: b } z: c }', 2, 3, 0],
    ['{ ...F ...F } fragment F on X { x: a y: b }', 1, 4, 0],
    ['query A { a { b } } query B { x: a y: b }', 2, 2, 0],
    ['{ ...None }', 0, 0, 0],
    ['{ viewer { sid } ...F } fragment F on Query { viewer { conferences { nodes { sid } } } }', 4, 0, 0],
    ['{ a: viewer { b: sid } c: conferences { totalCount } d: __typename }', 2, 2, 0],
    ['{ ...F } fragment F on Query { a: conferences { nodes { b: participants { totalCount } } } }', 4, 1, 0],
    ['{ ... @defer { a } b @stream { c } ...F @defer } fragment F on X { d }', 2, 0, 3],
    ['{ ...F ...F } fragment F on X { ...G @defer } fragment G on X { a @stream b { ... @defer { c } } }', 2, 0, 6],
    ['query A { ... @defer { a } } query B { ... @defer(if: false) { a @stream } }', 1, 0, 2],
  ])(
    'the document analysis of %s returns depth %i, %i aliases and %i incremental parts',
    (text, depth, aliases, incrementalParts) => {
      expect(analyze(text)).toMatchObject({ depth, aliases, incrementalParts, introspects: false })
    },
  )

  it.each([
    ['{ __schema { types { name } } }', 0],
    ['{ a: __schema { types { name } } }', 20],
    ['{ __schema { a: types { name } b: types { ...F } } x: viewer { y: sid } } fragment F on __Type { c: name }', 61],
    [
      '{ __type(name: "Call") { ...F } ...Q } fragment F on __Type { c: name } fragment Q on Query { ...Q2 } fragment Q2 on Query { __schema { queryType { ...F } } }',
      40,
    ],
  ])('the document analysis of %s returns %i aliases, weighted for introspection', (text, aliases) => {
    expect(analyze(text)).toMatchObject({ aliases, introspects: true })
  })

  it.each(['{ __schema { types { name } } }', '{ ...F } fragment F on Query { x: __type(name: "A") { name } }'])(
    'the document analysis reports introspection in %s',
    text => {
      expect(analyze(text).introspects).toBe(true)
    },
  )

  it('the document analysis measures exponentially growing fragments in linear time', () => {
    const fragments = Array.from({ length: 200 }, (_, i) => {
      const inner = i < 199 ? `...F${i + 1} ...F${i + 1}` : 'conferences { a: totalCount }'
      return `fragment F${i} on Query { ${inner} }`
    })
    const document = parse(`{ ...F0 } ${fragments.join(' ')}`)
    expect(analyzeDocument(document)).toMatchObject({ depth: 2, aliases: 2 ** 199 })
  })

  it('the document analysis terminates for cyclic fragments', () => {
    const text =
      '{ ...A } fragment A on Query { a: viewer { sid } ...B ...B } fragment B on Query { ...A ...B b: viewer { sid } }'
    expect(analyze(text).depth).toBe(2)
  })

  it('the document analysis is memoised per document', () => {
    const document = parse('{ viewer { sid } }')
    expect(analyzeDocument(document)).toBe(analyzeDocument(document))
    expect(analyze('{ viewer { sid } }')).not.toBe(analyzeDocument(document))
  })

  it('the document analysis collects the variables of conditions in operations and fragments', () => {
    const text = `query ($a: Boolean!, $b: Boolean!, $n: Int) { viewer @skip(if: $a) { ...F } x: node(id: "x") { id } }
      fragment F on Account { conferences(first: $n) @include(if: $b) { totalCount } }`
    expect([...analyze(text).conditionVariables].sort()).toEqual(['a', 'b'])
  })

  it('the document analysis collects @stream directives, each fragment once', () => {
    const text = `{ a: viewer { ...F } b: viewer { ...F } conferences { nodes @stream(initialCount: 1) { sid } } }
      fragment F on Account { conferences { nodes @stream(initialCount: 2) { sid ... @defer { id } } } }`
    expect(analyze(text).streamDirectives.map(print)).toEqual(['@stream(initialCount: 2)', '@stream(initialCount: 1)'])
  })

  it('the document for a single result has no @defer and @stream, and is the document itself if neither occurs', () => {
    const document = parse(
      '{ ...F @defer conferences { nodes @stream { sid @skip(if: false) } } } fragment F on Query { viewer { sid } }',
    )
    const names: string[] = []
    visit(toSingleResultDocument(document), { [Kind.DIRECTIVE]: ({ name }) => void names.push(name.value) })
    expect(names).toEqual(['skip'])
    expect(toSingleResultDocument(document)).toBe(toSingleResultDocument(document))
    const plain = parse('{ viewer { sid } }')
    expect(toSingleResultDocument(plain)).toBe(plain)
  })

  it.each([
    ['an unknown operation name', 'query A { viewer { sid } }', 'B'],
    ['several operations without a name', 'query A { viewer { sid } } query B { viewer { sid } }', null],
  ])('the document analysis estimates no cost for %s', (_title, text, name) => {
    expect(analyze(text).estimateCost(name, {})).toBeNull()
  })
})
