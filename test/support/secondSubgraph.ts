export interface SecondSubgraph {
  readonly queryFields?: string
  readonly nodeFields?: string
  readonly types?: string
}

/** The SDL of a second subgraph with its own `Node` and `PageInfo`. */
export function secondSubgraph({ queryFields = '', nodeFields = '', types = '' }: SecondSubgraph = {}): string {
  return `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

  interface Node { id: ID! ${nodeFields} }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Query {
    customers: CustomerConnection!
    ${queryFields}
  }
  type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }
  type Customer implements Node @key(fields: "id") { id: ID! name: String! }
  ${types}
`
}
