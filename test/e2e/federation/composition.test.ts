import { readFileSync } from 'node:fs'
import * as apollo from '@apollo/composition'
import * as guild from '@theguild/federation-composition'
import { federateSubgraphs, LATEST_ROUTER_COMPATIBILITY_VERSION } from '@wundergraph/composition'
import { Kind, parse, print, visit } from 'graphql'
import { describe, expect, it } from 'vitest'
import { apiSdl, type FederationOptions, federationSdl, type NodeFieldMode } from '../../../src/graphql/schema.ts'
import { type SecondSubgraph, secondSubgraph } from '../../support/secondSubgraph.ts'

/** Returns the distinct error codes of a composition; an empty list for a valid supergraph. */
type Compose = (subgraphs: readonly { name: string; url: string; typeDefs: ReturnType<typeof parse> }[]) => string[]

interface CompositionResult {
  readonly supergraphSdl?: string | undefined
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[] | undefined
}

function errorCodesOf({ supergraphSdl, errors = [] }: CompositionResult): string[] {
  if (errors.length === 0 && !supergraphSdl) throw new Error('The composer returned neither a supergraph nor an error.')
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code)))]
}

/** WunderGraph's errors have no codes. The keys are parts of the messages. */
const CODES_OF_WUNDERGRAPH = {
  'defines the same fields in multiple subgraphs without the "@shareable" directive': 'INVALID_FIELD_SHARING',
  'Interface implementation errors': 'INTERFACE_FIELD_NO_IMPLEM',
}

function composeByWundergraph(subgraphs: Parameters<Compose>[0]) {
  const definitions = subgraphs.map(({ typeDefs, ...subgraph }) => ({ ...subgraph, definitions: typeDefs }))
  return federateSubgraphs({ subgraphs: definitions, version: LATEST_ROUTER_COMPATIBILITY_VERSION })
}

function errorCodesOfWundergraph(subgraphs: Parameters<Compose>[0]): string[] {
  const result = composeByWundergraph(subgraphs)
  const codes = (result.success ? [] : result.errors).map(({ message }) => {
    const code = Object.entries(CODES_OF_WUNDERGRAPH).find(([text]) => message.includes(text))?.[1]
    return code ?? message
  })
  return [...new Set(codes)]
}

const COMPOSERS = {
  '@apollo/composition': subgraphs => errorCodesOf(apollo.composeServices([...subgraphs])),
  '@theguild/federation-composition': subgraphs => errorCodesOf(guild.composeServices([...subgraphs])),
  '@wundergraph/composition': errorCodesOfWundergraph,
} satisfies Record<string, Compose>
type Composer = keyof typeof COMPOSERS

function toSubgraphs(sdls: Readonly<Record<string, string>>) {
  return Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}.example`, typeDefs: parse(sdl) }))
}

function compose(composer: Composer, options: FederationOptions, second?: SecondSubgraph): string[] {
  const customers = second && secondSubgraph(second)
  return COMPOSERS[composer](toSubgraphs({ restcomm: federationSdl(options), ...(customers && { customers }) }))
}

/** Error codes of all composers, or of each composer. */
type ExpectedCodes = readonly string[] | Readonly<Record<Composer, readonly string[]>>
const composes: ExpectedCodes = []
const failsWith = (code: string): ExpectedCodes => [code]

const CONFERENCE_ENTITY = 'type Conference implements Node @key(fields: "id") { id: ID! customer: Customer }'

const TABLE: readonly { graph: string; second?: SecondSubgraph; expected: Record<NodeFieldMode, ExpectedCodes> }[] = [
  { graph: 'as the only subgraph', expected: { own: composes, shared: composes, off: composes } },
  {
    graph: 'next to a subgraph that defines Node and PageInfo',
    second: {},
    expected: { own: composes, shared: composes, off: composes },
  },
  {
    graph: 'next to a subgraph with an unshared Query.node',
    second: { queryFields: 'node(id: ID!): Node' },
    expected: {
      own: failsWith('INVALID_FIELD_SHARING'),
      shared: failsWith('INVALID_FIELD_SHARING'),
      off: composes,
    },
  },
  {
    graph: 'next to a subgraph with a @shareable Query.node that finds no gateway types',
    second: { queryFields: 'node(id: ID!): Node @shareable' },
    expected: {
      own: failsWith('INVALID_FIELD_SHARING'),
      shared: {
        // Whether the router finds an object would depend on the subgraph it selects.
        '@apollo/composition': ['SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES'],
        '@theguild/federation-composition': [],
        '@wundergraph/composition': [],
      },
      off: composes,
    },
  },
  {
    graph: 'next to a subgraph with a @shareable Query.node that finds conferences',
    second: { queryFields: 'node(id: ID!): Node @shareable', types: CONFERENCE_ENTITY },
    expected: { own: failsWith('INVALID_FIELD_SHARING'), shared: composes, off: composes },
  },
  {
    graph: 'next to a subgraph with @shareable Query.node and Query.nodes that find conferences',
    second: {
      queryFields: 'node(id: ID!): Node @shareable nodes(ids: [ID!]!): [Node]! @shareable',
      types: CONFERENCE_ENTITY,
    },
    expected: { own: failsWith('INVALID_FIELD_SHARING'), shared: composes, off: composes },
  },
  {
    // Composition merges the interfaces: each implementing type needs the fields of both.
    graph: 'next to a subgraph whose Node has an additional field',
    second: { nodeFields: 'name: String!' },
    expected: {
      own: failsWith('INTERFACE_FIELD_NO_IMPLEM'),
      shared: failsWith('INTERFACE_FIELD_NO_IMPLEM'),
      off: failsWith('INTERFACE_FIELD_NO_IMPLEM'),
    },
  },
]

const CASES = TABLE.flatMap(({ graph, second, expected }) =>
  (['own', 'shared', 'off'] as const).flatMap(node =>
    (Object.keys(COMPOSERS) as Composer[]).map(composer => {
      const byComposer = expected[node]
      const codes = 'length' in byComposer ? byComposer : byComposer[composer]
      const result = codes.length === 0 ? 'succeeds' : `fails with ${codes.join(', ')}`
      return { node, graph, composer, second, codes, result }
    }),
  ),
)

describe('Federation composition', () => {
  it.each(CASES)(
    'composition by $composer $result with FEDERATION_NODE=$node, $graph',
    ({ node, composer, second, codes }) => {
      expect(compose(composer, { node }, second)).toEqual(codes)
    },
  )

  it('composition with FEDERATION_NODE=off keeps Node as an interface of both subgraphs and of their types', () => {
    const { supergraphSdl = '' } = guild.composeServices([
      { name: 'restcomm', typeDefs: parse(federationSdl({ node: 'off' })) },
      { name: 'customers', typeDefs: parse(secondSubgraph({ queryFields: 'node(id: ID!): Node' })) },
    ])
    expect(supergraphSdl).toMatch(/interface Node\s*@join__type\(graph: CUSTOMERS\)\s*@join__type\(graph: RESTCOMM\)/)
    expect(supergraphSdl).toMatch(/type Conference implements Node\b/)
    expect(supergraphSdl).toMatch(/type Customer implements Node\b/)
  })
})

describe('the supergraph', () => {
  it.each(['@apollo/composition', '@theguild/federation-composition'] as const)(
    'the supergraph of %s contains @semanticNonNull for clients of a router, and @cost and @listSize for the router',
    composer => {
      const subgraphs = [{ name: 'restcomm', url: 'http://restcomm.example', typeDefs: parse(federationSdl()) }]
      const compose = composer === '@apollo/composition' ? apollo.composeServices : guild.composeServices
      const { supergraphSdl = '' } = compose(subgraphs)
      expect(supergraphSdl).toContain('directive @semanticNonNull(')
      const viewer = supergraphSdl.match(/^ {2}viewer: .*$/m)?.[0]
      expect(viewer).toContain('@semanticNonNull')
      expect(viewer).toContain('@cost(weight: 1)')
      expect(supergraphSdl.match(/^type ConferenceEdge[^{]*/m)?.[0]).toContain('@cost(weight: 0)')
      const connections = federationSdl().match(/sizedFields/g) ?? []
      expect(connections.length).toBeGreaterThan(0)
      expect(supergraphSdl.match(/@listSize\([^)]*sizedFields: \["nodes", "edges"\]/g)).toHaveLength(connections.length)
    },
  )

  it('the router configuration of @wundergraph/composition contains the weights and list sizes', () => {
    const result = composeByWundergraph(toSubgraphs({ restcomm: federationSdl() }))
    if (!result.success) throw result.errors[0]
    const costs = result.subgraphConfigBySubgraphName.get('restcomm')?.costs
    expect(costs?.fieldWeights.get('Query.viewer')).toMatchObject({ weight: 1 })
    expect(costs?.typeWeights.get('ConferenceEdge')).toBe(0)
    expect(costs?.listSizes.get('Query.conferences')).toMatchObject({
      assumedSize: 50,
      slicingArguments: ['first', 'last'],
      sizedFields: ['nodes', 'edges'],
    })
    expect(print(result.federatedGraphAST)).toMatch(/^ {2}viewer: Account @semanticNonNull/m)
  })
})

const composers = Object.keys(COMPOSERS) as Composer[]

describe('FEDERATION_NODE_KEY and FEDERATION_TAG', () => {
  const settings: FederationOptions[] = [
    { nodeKey: true },
    { tag: 'team/telephony' },
    { nodeKey: true, tag: 'telephony', node: 'shared' },
    { nodeKey: true, tag: 'telephony', node: 'off' },
  ]
  const cases = composers.flatMap(composer => settings.map(options => ({ composer, options })))

  it.each(cases)('the subgraph with the options $options composes with $composer', ({ composer, options }) => {
    expect(compose(composer, options)).toEqual([])
  })

  const interfaceObject = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])
    type Node @key(fields: "id") @interfaceObject { id: ID! note: String }
    type Query { notedNodes: [Node!]! }
  `

  const composeWithNotes = (composer: Composer, nodeKey: boolean) =>
    COMPOSERS[composer](toSubgraphs({ restcomm: federationSdl({ nodeKey }), notes: interfaceObject }))

  it.each(composers)('with nodeKey, a field of an @interfaceObject subgraph can return Node with %s', composer => {
    expect(composeWithNotes(composer, true)).toEqual([])
  })

  it.each(['@apollo/composition', '@theguild/federation-composition'] as const)(
    'without nodeKey, %s rejects a field of an @interfaceObject subgraph that returns Node',
    composer => {
      expect(composeWithNotes(composer, false)).toEqual(['SATISFIABILITY_ERROR'])
    },
  )

  it('@apollo/composition rejects nodeKey next to a subgraph with a type of its own that implements Node', () => {
    expect(compose('@apollo/composition', { nodeKey: true }, {})).toEqual(['INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE'])
  })

  const other = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query { other: String }
  `

  it.each([
    { filter: 'includes', include: ['telephony'], exclude: [], fields: fieldsOf(apiSdl()) },
    { filter: 'excludes', include: [], exclude: ['telephony'], fields: ['other'] },
  ])('a contract which $filter the tag has all fields of the subgraph or none', ({ include, exclude, fields }) => {
    const subgraphs = toSubgraphs({ restcomm: federationSdl({ tag: 'telephony' }), other })
    const filter = { include: new Set(include), exclude: new Set(exclude) }
    const { errors, publicSdl = '' } = guild.composeSchemaContract(subgraphs, filter, true)
    expect(errors).toBeUndefined()
    expect(fieldsOf(publicSdl)).toEqual(fields)
  })

  const scalarNames = parse(apiSdl()).definitions.flatMap(definition =>
    definition.kind === Kind.SCALAR_TYPE_DEFINITION ? definition.name.value : [],
  )

  const sharedTypes = [
    ...scalarNames.map(name => ({ name, definition: `scalar ${name}`, field: `other: ${name}` })),
    { name: 'Node', definition: 'interface Node { id: ID! }', field: 'other: Node' },
    { name: 'PageInfo', definition: 'type PageInfo @shareable { hasNextPage: Boolean! }', field: 'other: PageInfo' },
    {
      name: 'OrderDirection',
      definition: 'enum OrderDirection { ASC DESC }',
      field: 'other(order: OrderDirection): Int',
    },
  ]

  it('docs/federation.md lists all types that other subgraphs may define too', () => {
    const docs = readFileSync(new URL('../../../docs/federation.md', import.meta.url), 'utf8')
    const [, contracts = ''] = docs.split('## Contracts')
    const names = sharedTypes.map(({ name }) => name)
    expect(names.filter(name => !contracts.includes(`\`${name}\``))).toEqual([])
  })

  it.each(sharedTypes)(
    'next to a subgraph with its own $name, a contract can include the tag, but not exclude the tag',
    shared => {
      const own = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@shareable"])
      ${shared.definition}
      type Query { ${shared.field} free: Int }
    `
      const subgraphs = toSubgraphs({ restcomm: federationSdl({ tag: 'telephony' }), own })
      const tag = new Set(['telephony'])
      const including = guild.composeSchemaContract(subgraphs, { include: tag, exclude: new Set() }, true)
      expect(including.errors).toBeUndefined()
      expect(fieldsOf(including.publicSdl ?? '')).toEqual(fieldsOf(apiSdl()))

      const excluding = guild.composeSchemaContract(subgraphs, { include: new Set(), exclude: tag }, true)
      expect(errorCodesOf(excluding)).toEqual(['REFERENCED_INACCESSIBLE'])
      expect(excluding.errors?.[0]?.message).toContain(`Type "${shared.name}" is @inaccessible but is referenced by`)
    },
  )
})

/** The sorted names of all fields and arguments. */
function fieldsOf(sdl: string): string[] {
  const names: string[] = []
  visit(parse(sdl), {
    DirectiveDefinition: () => false,
    FieldDefinition: ({ name }) => void names.push(name.value),
    InputValueDefinition: ({ name }) => void names.push(name.value),
  })
  return names.toSorted()
}
