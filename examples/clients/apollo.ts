import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { type Connection, headers, printPage, url } from './gateway.ts'

// In Apollo Client, `fetchMore` appends each page to the cached list. In React, `useQuery` replaces `watchQuery`.

const client = new ApolloClient({
  link: new HttpLink({ uri: url, headers }),
  cache: new InMemoryCache({
    typePolicies: {
      // Only these arguments, and not the paging arguments, identify a cached list, so all pages form a single list.
      Query: { fields: { conferences: relayStylePagination(['accountSid', 'filter', 'orderBy']) } },
    },
  }),
})

interface Variables {
  readonly first: number
  readonly after?: string | null | undefined
}
const query: TypedDocumentNode<{ conferences: Connection }, Variables> = gql`
  query Conferences($first: Int!, $after: String) {
    conferences(first: $first, after: $after) {
      edges { cursor node { id sid friendlyName status } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`

let shown = 0
const list = client.watchQuery({ query, variables: { first: 10 } })
list.subscribe(({ loading, error, data, dataState }) => {
  if (error) throw error
  if (loading || dataState !== 'complete') return
  const { edges, pageInfo } = data.conferences
  printPage(edges.slice(shown))
  shown = edges.length
  if (pageInfo.hasNextPage) void list.fetchMore({ variables: { after: pageInfo.endCursor } })
})
