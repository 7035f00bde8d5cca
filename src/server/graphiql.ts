import type { GraphiQLOptions } from 'graphql-yoga'

/** In lines as long as the editor shows them on a small screen, and an answer of which several rooms fit on it. */
const QUERY = `# Conferences that are on, and two callers of each.
# Ctrl+Enter runs it. The book on the left has every
# field, with what it means.
query Rooms {
  viewer {
    friendlyName
  }
  conferences(
    first: 10
    filter: { status: RUNNING_MODERATOR_PRESENT }
  ) {
    totalCount
    nodes {
      friendlyName
      dateCreated
      participants(first: 2) {
        totalCount
        nodes {
          muted
          call {
            from
            callerName
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`

/** The page that explores the graph. Without credentials of the gateway's own, a header shows where the caller's go. */
export const graphiqlOptions = (hasStandIn: boolean): GraphiQLOptions => ({
  title: 'Restcomm GraphQL',
  defaultQuery: QUERY,
  defaultEditorToolsVisibility: hasStandIn ? false : 'headers',
  ...(!hasStandIn && { headers: '{\n  "Authorization": "Basic <AccountSid:AuthToken in base64>"\n}' }),
})
