import * as apollo from '@apollo/composition'
import * as guild from '@theguild/federation-composition'
import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { NodeLookUps } from '../../../src/graphql/nodeVisibility.ts'
import { federationSdl } from '../../../src/graphql/schema.ts'
import { type ForeignSubgraph, foreignSubgraph } from '../../support/foreignSubgraph.ts'

/** The codes of what a composer refuses, each once; none where the subgraphs compose. */
type Compose = (subgraphs: readonly { name: string; url: string; typeDefs: ReturnType<typeof parse> }[]) => string[]

interface Composed {
  readonly supergraphSdl?: string | undefined
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[] | undefined
}

const codesOf = ({ supergraphSdl, errors = [] }: Composed): string[] => {
  if (errors.length === 0 && !supergraphSdl) throw new Error('There is neither a supergraph nor an error.')
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code)))]
}

const COMPOSERS = {
  '@apollo/composition': subgraphs => codesOf(apollo.composeServices([...subgraphs])),
  '@theguild/federation-composition': subgraphs => codesOf(guild.composeServices([...subgraphs])),
} satisfies Record<string, Compose>
type Composer = keyof typeof COMPOSERS

const compose = (composer: Composer, node: NodeLookUps, foreign?: ForeignSubgraph): string[] => {
  const all = { restcomm: federationSdl(node), ...(foreign && { customers: foreignSubgraph(foreign) }) }
  return COMPOSERS[composer](
    Object.entries(all).map(([name, sdl]) => ({ name, url: `http://${name}.example`, typeDefs: parse(sdl) })),
  )
}

/** The table's last three columns: the setting, and the answer of both composers or of one by one. */
type Answer = readonly string[] | Readonly<Record<Composer, readonly string[]>>
const composes: Answer = []
const refuses = (code: string): Answer => [code]

const KNOWS_CONFERENCES = 'type Conference implements Node @key(fields: "id") { id: ID! customer: Customer }'

const TABLE: readonly { with: string; foreign?: ForeignSubgraph; answers: Record<NodeLookUps, Answer> }[] = [
  { with: 'alone', answers: { own: composes, shared: composes, off: composes } },
  {
    with: 'with a subgraph that has its own Node and PageInfo',
    foreign: {},
    answers: { own: composes, shared: composes, off: composes },
  },
  {
    with: 'with a subgraph whose Query.node is its own',
    foreign: { query: 'node(id: ID!): Node' },
    answers: {
      own: refuses('INVALID_FIELD_SHARING'),
      shared: refuses('INVALID_FIELD_SHARING'),
      off: composes,
    },
  },
  {
    with: 'with a subgraph whose Query.node is @shareable and finds none of our types',
    foreign: { query: 'node(id: ID!): Node @shareable' },
    answers: {
      own: refuses('INVALID_FIELD_SHARING'),
      shared: {
        // Which of the two a router would ask says whether an object is found.
        '@apollo/composition': ['SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES'],
        '@theguild/federation-composition': [],
      },
      off: composes,
    },
  },
  {
    with: 'with a subgraph whose Query.node is @shareable and finds conferences too',
    foreign: { query: 'node(id: ID!): Node @shareable', types: KNOWS_CONFERENCES },
    answers: { own: refuses('INVALID_FIELD_SHARING'), shared: composes, off: composes },
  },
  {
    with: 'with a subgraph whose Query.node and Query.nodes are @shareable and find conferences too',
    foreign: {
      query: 'node(id: ID!): Node @shareable nodes(ids: [ID!]!): [Node]! @shareable',
      types: KNOWS_CONFERENCES,
    },
    answers: { own: refuses('INVALID_FIELD_SHARING'), shared: composes, off: composes },
  },
  {
    // The interfaces are merged, so all that implement one of them are held to the fields of both.
    with: 'with a subgraph whose Node has a field that ours has not',
    foreign: { node: 'name: String!' },
    answers: {
      own: refuses('INTERFACE_FIELD_NO_IMPLEM'),
      shared: refuses('INTERFACE_FIELD_NO_IMPLEM'),
      off: refuses('INTERFACE_FIELD_NO_IMPLEM'),
    },
  },
]

const ROWS = TABLE.flatMap(({ with: company, foreign, answers }) =>
  (['own', 'shared', 'off'] as const).flatMap(node =>
    (Object.keys(COMPOSERS) as Composer[]).map(composer => {
      const answer = answers[node]
      const codes = 'length' in answer ? answer : answer[composer]
      const outcome = codes.length === 0 ? 'composes' : `is refused (${codes.join(', ')})`
      return { node, company, composer, foreign, codes, outcome }
    }),
  ),
)

describe('the subgraph', () => {
  it.each(ROWS)('FEDERATION_NODE=$node $outcome by $composer, $company', ({ node, composer, foreign, codes }) => {
    expect(compose(composer, node, foreign)).toEqual(codes)
  })

  it('leaves Node an interface of both, which the types of both implement', () => {
    const { supergraphSdl = '' } = guild.composeServices([
      { name: 'restcomm', typeDefs: parse(federationSdl('off')) },
      { name: 'customers', typeDefs: parse(foreignSubgraph({ query: 'node(id: ID!): Node' })) },
    ])
    expect(supergraphSdl).toMatch(/interface Node\s*@join__type\(graph: CUSTOMERS\)\s*@join__type\(graph: RESTCOMM\)/)
    expect(supergraphSdl).toMatch(/type Conference implements Node\b/)
    expect(supergraphSdl).toMatch(/type Customer implements Node\b/)
  })
})
