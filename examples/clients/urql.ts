import { Client, fetchExchange, gql, type TypedDocumentNode } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { type Connection, headers, printPage, url } from './gateway.ts'

/** urql with graphcache: each answer is the list so far, put together from the pages that were asked for. */

const client = new Client({
  url,
  fetchOptions: { headers },
  // Without this, queries are sent by GET, and their text stands in the logs of whatever is on the way.
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
