import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Kind, parse, print, visit } from 'graphql'
import { describe, expect, it, vi } from 'vitest'
import { createDocumentAnalyzer, toSingleResultDocument } from '../../../src/graphql/analyzeDocument.ts'
import { RawVariables } from '../../../src/graphql/rawVariables.ts'
import { createSchema } from '../../../src/graphql/schema.ts'

const analyzeDocument = createDocumentAnalyzer(createSchema(), {
  defaultPageSize: 50,
  maxPageSize: 500,
  maxSortedRows: 5_000,
})
const analyze = (text: string) => analyzeDocument(parse(text))

function estimate(text: string, variables: Record<string, unknown> = {}) {
  const costEstimate = analyze(text).estimateCost(undefined, variables)
  if (costEstimate === null) throw new Error('Expected a document with one operation.')
  return costEstimate
}
const costOf = (text: string, variables?: Record<string, unknown>) => estimate(text, variables).cost

/** Work of a kind that is not listed is 0. */
const workOf = (text: string, variables?: Record<string, unknown>) => {
  const work = Object.entries(estimate(text, variables).work).filter(([, amount]) => amount !== 0)
  return Object.fromEntries(work)
}

describe('cost calculator', () => {
  it.each([
    ['{ __typename }', { fields: 1 }],
    ['{ viewer { accountSid: sid } }', { fields: 2, bytes: 1, requests: 1 }],
    ['{ a: viewer { type } b: viewer { type } }', { fields: 4, requests: 2 }],
    ['{ conferences(first: 0) { nodes { status } } }', { fields: 2, requests: 1 }],
    ['{ conferences { nodes { status } } }', { fields: 2 + 2 * 50, rows: 50, requests: 1 }],
    ['{ conferences(first: 10) { nodes { status isRunning } } }', { fields: 2 + 3 * 10, rows: 10, requests: 1 }],
    ['{ conferences(first: null, last: 10) { nodes { status } } }', { fields: 22, rows: 10, requests: 2 }],
    ['{ conferences(last: 10) { edges { node { status } } } }', { fields: 2 + 3 * 10, rows: 10, requests: 2 }],
    ['{ conferences(first: 10, after: "x") { nodes { status } } }', { fields: 22, rows: 110, requests: 3 }],
    ['{ conferences(first: 9) { totalCount pageInfo { hasNextPage } } }', { fields: 4, rows: 9, requests: 2 }],
    [
      '{ conferences(first: 10) { nodes { participants(first: 20) { nodes { call { from } } } } } }',
      { fields: 2 + 10 * (3 + 20 * 3), rows: 10 + 10 * 20, requests: 1 + 10 * (2 + 20) },
    ],
    [
      '{ conferences(first: 2) { nodes { calls(first: 3) { totalCount } } edges { node { calls(first: 5) { totalCount } } } } }',
      { fields: 1 + (1 + 2 * 3) + (1 + 2 * 4), rows: 2 + 2 * 3 + 2 * 5, requests: 1 + 2 * 2 + 2 * 2 },
    ],
    [
      '{ conferences(first: 2) { nodes { account { conferences(first: 3) { nodes { status } } } } } }',
      { fields: 2 + 2 * (4 + 3 * 2), rows: 2 + 2 * 3, requests: 1 + 2 * 2 },
    ],
    [
      '{ conferences(first: 1) { nodes { calls(first: 4) { nodes { recordings { duration } } } } } }',
      { fields: 2 + 3 + 4 * (2 + 5 * 2), rows: 5, requests: 1 + 1 + 4 },
    ],
    ['{ conferences(first: 100000) { nodes { status } } }', { fields: 2 + 2 * 500, rows: 500, requests: 1 }],
    ['{ conferences(first: -5) { nodes { status } } }', { fields: 2, requests: 1 }],
    [
      '{ nodes(ids: ["a", "b", "c"]) { ... on Conference { participants(first: 5) { totalCount } } } }',
      { fields: 1 + 3 * 3, rows: 3 * 5, requests: 3 * (2 + 2) },
    ],
    ['{ nodes(ids: "a") { __typename } }', { fields: 3, requests: 2 }],
    [
      '{ _entities(representations: [{}, {}]) { ... on Conference { participants(first: 5) { totalCount } } } }',
      { fields: 1 + 2 * 3, rows: 2 * 5, requests: 2 * (2 + 2) },
    ],
    ['{ __schema { types { name } } }', { fields: 2 * (2 + 80 * 2) }],
    [
      'mutation { endConference(input: { conferenceId: "x" }) { hungUp { status } } }',
      { fields: 2 * (2 + 50 * 2), requests: 100 },
    ],
    [
      'subscription { conferenceEvents(conferenceId: "x") { ... on ConferenceSnapshot { conference { participants(first: 7) { totalCount } } } } }',
      { fields: 2 * 4, rows: 7, requests: 2 + 2 },
    ],
    [
      'subscription { accountEvents { ... on AccountSnapshot { runningConferences { status } } } }',
      { fields: 2 * (2 + 50 * 2), requests: 2 },
    ],
    ['{ conferences(first: 10) @skip(if: true) { nodes { status } } viewer { type } }', { fields: 2, requests: 1 }],
    [
      '{ conferences(first: 10) { nodes { participants(first: 9) @include(if: false) { totalCount } } } }',
      { fields: 12, rows: 10, requests: 1 },
    ],
    [
      '{ ...A ...A } fragment A on Query { conferences(first: 10) { ...B } } fragment B on ConferenceConnection { nodes { calls(first: 2) { totalCount } } }',
      { fields: 2 * (2 + 10 * 3), rows: 2 * (10 + 10 * 2), requests: 2 * (1 + 10 * 2) },
    ],
    ['{ ...A } fragment A on Query { ...A viewer { type } }', { fields: 2, requests: 1 }],
    ['{ nothing { conferences(first: 10) { nodes { status } } } ...None }', { fields: 4 }],
  ])('the calculated work of %s is %j', (text, work) => {
    expect(workOf(text)).toEqual(work)
  })

  it('the example of docs/limits.md has the documented cost', () => {
    const text = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')
    const [, cost, query = ''] = /this query costs ([\d,]+):\n\n```graphql\n(.*?)```/s.exec(text) ?? []
    expect(costOf(query)).toBe(Number(cost?.replace(',', '')))
  })

  it('a query costs the weighted sum of the calculated work', () => {
    const { cost, work } = estimate('{ conferences(first: 10) { nodes { ... @defer { uri } } } }')
    expect(work).toEqual({ fields: 2 * 22, bytes: 30, rows: 10, requests: 1, parts: 10 })
    expect(cost).toBe(44 + 30 + 4 * 10 + 75 * 1 + 10 * 10)
    expect(work.largestKind).toBe('parts')
  })

  it.each([
    ['DATE_CREATED', '(first: 5, orderBy: { field: DATE_CREATED, direction: ASC })'],
    ['a variable', '(first: 5, orderBy: $order)'],
    ['a condition which the gateway checks', '(first: 5, filter: { updatedOnOrBefore: "2020-01-01" })'],
  ])('a page of a list sorted by %s adds the rows and requests of the longest sorted list', (_title, args) => {
    const order = { field: 'DATE_UPDATED', direction: 'DESC' }
    const text = `query ($order: ConferenceOrder) { conferences${args} { totalCount } }`
    expect(workOf(text, { order })).toEqual({ fields: 2, rows: 5 + 5_000, requests: 2 + 3 + 5 })
  })

  it.each([
    ['query ($date: Date) { conferences(first: 5, filter: { updatedOnOrBefore: $date }) { totalCount } }', 'date'],
    ['query ($filter: ConferenceFilter) { conferences(first: 5, filter: $filter) { totalCount } }', 'filter'],
    ['query ($order: ConferenceOrder) { conferences(first: 5, orderBy: $order) { totalCount } }', 'order'],
    ['query ($last: Int) { conferences(first: 5, last: $last) { totalCount } }', 'last'],
    ['query ($after: String) { conferences(first: 5, after: $after) { totalCount } }', 'after'],
  ])('the estimate of %s depends on the variable %s of each request', (text, name) => {
    const values = { date: '2020-01-01', filter: { updatedOnOrBefore: '2020-01-01' }, order: {}, last: 5, after: 'x' }
    const analysis = analyze(text)
    const cost = (value: unknown) => analysis.estimateCost(null, { [name]: value })?.cost ?? 0
    expect(cost(null)).toBeLessThan(cost(values[name as keyof typeof values]))
    expect(cost(null)).toBe(costOf(text))
  })

  it.each([
    ['a short key', 'ab: isRunning', 0],
    ['a key of 55 characters', `${'a'.repeat(55)}: isRunning`, 0],
    ['a key of 56 characters', `${'a'.repeat(56)}: isRunning`, 1],
    ['a key of 1,000 characters', `${'a'.repeat(1_000)}: isRunning`, 15],
    ['a long key of an object', `${'a'.repeat(1_000)}: account { __typename }`, 15],
    ['a value longer than 64 bytes', 'uri', 3],
  ])('%s adds a unit for each started 64 bytes beyond the first', (_title, field, bytes) => {
    const work = workOf(`{ conferences(first: 3) { nodes { ${field} } } }`)
    expect(work.bytes ?? 0).toBe(3 * bytes)
  })

  it.each([
    ['... @defer { status }', 10, 0],
    ['... @defer(if: false) { status }', 0, 0],
    ['... @defer(if: $no) { status }', 0, 0],
    [`... @defer(label: "${'a'.repeat(200)}") { status }`, 10, 10 * 3],
    ['account { ... @defer { type } ...F @defer }', 20, 0],
  ])('%s in a list of 10 adds %i parts', (field, parts, bytes) => {
    const text = `query ($no: Boolean = false) { conferences(first: 10) { nodes { ${field} } } } fragment F on Account { type }`
    expect(workOf(text)).toMatchObject({ ...(parts > 0 && { parts }), ...(bytes > 0 && { bytes }) })
    expect(workOf(text).parts ?? 0).toBe(parts)
  })

  it('@stream adds a part for each item of the list', () => {
    expect(workOf('{ conferences(first: 10) { nodes @stream(initialCount: 2) { status } } }').parts).toBe(10)
    expect(workOf('{ conferences(first: 10) { nodes @stream(if: false) { status } } }').parts).toBeUndefined()
  })

  it('each part contains the response keys of its path, so long keys count for each part', () => {
    const key = 'a'.repeat(130)
    const text = `{ ${key}: conferences(first: 10) { nodes { ...F } } } fragment F on Conference { ... @defer { status } }`
    expect(workOf(text)).toMatchObject({ parts: 10, bytes: 2 + 10 * 2 })
  })

  const SIZED = `query ($n: Int = 7, $m: Int, $skip: Boolean = false) {
    conferences(first: $n) @skip(if: $skip) { nodes { participants(first: $m) { totalCount } } }
  }`
  it.each([
    [{}, 7 + 7 * 50],
    [{ n: 3 }, 3 + 3 * 50],
    [{ n: null }, 50 + 50 * 50],
    [{ n: 3, m: 2 }, 9],
    [{ n: 3, m: 2, skip: true }, undefined],
    [{ n: 3, m: 'many' }, 3 + 3 * 50],
    [{ n: 3, m: 2, unknown: 5 }, 9],
  ])('the cost calculator reads page sizes and @skip from the variables %j', (variables, rows) => {
    expect(workOf(SIZED, variables).rows).toBe(rows)
  })

  it('the cost calculator treats a variable named __proto__ as undefined, as execution does', () => {
    const variables = JSON.parse('{"__proto__": 0}')
    const text = 'query ($__proto__: Int) { conferences(first: $__proto__) { nodes { sid } } }'
    expect(workOf(text, variables).rows).toBe(50)
  })

  it('the cost calculator returns the work per operation and variables, independent of earlier calculations', () => {
    const text =
      'query A($n: Int) { conferences(first: $n) { totalCount } } query B { conferences(first: 3) { totalCount } }'
    const analysis = analyze(text)
    const rows = (name: string, variables: Record<string, unknown>) => analysis.estimateCost(name, variables)?.work.rows
    expect([rows('A', { n: 5 }), rows('B', { n: 5 }), rows('A', { n: 6 }), rows('A', {}), rows('B', {})]).toEqual([
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

/** Requests of a field, and of `totalCount` in the connection. */
const REQUESTS: Readonly<Record<string, readonly [field: number, totalCount: number]>> = {
  viewer: [1, 0],
  account: [1, 0],
  conference: [1, 0],
  call: [1, 0],
  conferences: [1, 1],
  participants: [2, 0],
  calls: [1, 1],
}

/** Reference implementation: visits every object that the query could return. */
const countWork = (fields: readonly RandomField[], work = { fields: 0, rows: 0, requests: 0 }) => {
  if (fields.length === 0) work.fields++
  for (const { field, size, omittedBy, via, children } of fields) {
    if (omittedBy !== 'no') continue
    const [requests, totalRequests] = REQUESTS[field] ?? [0, 0]
    work.fields++
    work.requests += requests
    if (size === null) {
      countWork(children, work)
      continue
    }
    // The fields `totalCount`, and `nodes` or `edges`.
    work.fields += 2
    work.requests += totalRequests
    for (let i = 0; i < size; i++) {
      work.rows++
      work.fields += via === 'nodes' ? 1 : 2
      countWork(children, work)
    }
  }
  return work
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
  it('the calculated work of random queries equals the work counted object by object', () => {
    fc.assert(
      fc.property(randomFields('Query', 4), top => {
        const { text, variables } = printQuery(top)
        expect(estimate(text, variables).work).toMatchObject(countWork(top))
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
    expect(estimate(text, { n: 2 }).work.rows).toBe(2 ** 199 * 2)
  })

  it('the cost of fragments beyond the range of numbers is the largest whole number', () => {
    const text = `query ($n: Int) { ...F0 } ${exponential(1_500, 'a: conferences(first: $n) { totalCount }')}`
    expect([costOf(text, { n: 0 }), costOf(text, { n: 2 })]).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])
  })

  it('the cost calculator computes a fragment once per request, also for many page sizes', () => {
    const pages = Array.from({ length: 200 }, (_, i) => `a${i}: conferences(first: ${i}) { ...Page }`)
    const text = `query ($n: Int) { ${pages.join(' ')} }
      fragment Page on ConferenceConnection { nodes { calls(first: $n) { totalCount } } }`
    const argumentValue = vi.spyOn(RawVariables.prototype, 'argumentValue')
    costOf(text, { n: 3 })
    const readsPerPage = 8
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
