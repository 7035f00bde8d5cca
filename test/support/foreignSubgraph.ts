export interface ForeignSubgraph {
  /** Additional fields of `Query`. */
  readonly query?: string
  /** Additional fields of `Node`. */
  readonly node?: string
  /** Additional types. */
  readonly types?: string
}

/** The SDL of a second subgraph with its own `Node` and `PageInfo`. */
export function foreignSubgraph({ query = '', node = '', types = '' }: ForeignSubgraph = {}): string {
  return `
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
}
