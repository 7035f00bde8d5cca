import { Client, fetchExchange, gql, type TypedDocumentNode } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { type Connection, headers, printPage, url } from './gateway.ts'

// With urql's graphcache, each result contains all pages read so far.

const client = new Client({
  url,
  fetchOptions: { headers },
  // By default urql sends queries by GET, so proxies would log the query text as part of the URL.
  preferGetMethod: false,
  exchanges: [cacheExchange({ resolvers: { Query: { conferences: relayPagination() } } }), fetchExchange],
})

type Variables = { first: number; after: string | null | undefined }
const query: TypedDocumentNode<{ conferences: Connection }, Variables> = gql`
  query Conferences($first: Int!, $after: String) {
    conferences(first: $first, after: $after) {
      edges { cursor node { id sid friendlyName status } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`

let shown = 0
let after: string | null | undefined
do {
  const { data, error } = await client.query(query, { first: 10, after }).toPromise()
  if (!data) throw error
  const { edges, pageInfo } = data.conferences
  printPage(edges.slice(shown))
  shown = edges.length
  after = pageInfo.hasNextPage ? pageInfo.endCursor : null
} while (after)
