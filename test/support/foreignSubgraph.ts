export interface ForeignSubgraph {
  /** Fields of its `Query` beside `customers`. */
  readonly query?: string
  /** Fields of its `Node` beside `id`. */
  readonly node?: string
  /** Further types. */
  readonly types?: string
}

/** Another team's subgraph, with a `Node` and a `PageInfo` of its own. */
export const foreignSubgraph = ({ query = '', node = '', types = '' }: ForeignSubgraph = {}): string => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

  interface Node { id: ID! ${node} }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Query {
    customers: CustomerConnection!
    ${query}
  }
  type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }
  type Customer implements Node @key(fields: "id") { id: ID! name: String! }
  ${types}
`
