import { Environment, fetchQuery, type GraphQLResponse, graphql, Network, RecordSource, Store } from 'relay-runtime'
import query, { type relayConferencesQuery } from './__generated__/relayConferencesQuery.graphql.ts'
import { headers, printPage, url } from './gateway.ts'

// Uses Relay's runtime without React. `@connection` in the query makes the store collect all pages in a single list.

/**
 * The Relay compiler (`npm run relay`) generates `__generated__/` from this template. Nothing calls this function. In a
 * build with Relay's Babel or SWC plugin, the plugin would replace the template by the import above.
 */
export const source = () => graphql`
  query relayConferencesQuery($first: Int!, $after: String) @throwOnFieldError {
    conferences(first: $first, after: $after) @connection(key: "relay_conferences") {
      edges {
        node {
          sid
          friendlyName
          status
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(async ({ text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    })
    return (await response.json()) as GraphQLResponse
  }),
})

let shown = 0
let after: string | null | undefined
do {
  const data = await fetchQuery<relayConferencesQuery>(environment, query, { first: 10, after }).toPromise()
  if (!data) throw new Error('The response has no data.')
  const { edges, pageInfo } = data.conferences
  printPage(edges.slice(shown))
  shown = edges.length
  after = pageInfo.hasNextPage ? pageInfo.endCursor : null
} while (after)
