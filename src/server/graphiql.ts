import type { GraphiQLOptions } from 'graphql-yoga'

const QUERY = `# Conferences that are on at this moment, and who is in them.
# Ctrl+Enter runs it; the book on the left has every field, with what it means.
query Rooms {
  viewer {
    friendlyName
  }
  conferences(first: 10, filter: { status: RUNNING_MODERATOR_PRESENT }) {
    totalCount
    nodes {
      sid
      friendlyName
      status
      dateCreated
      participants(first: 5) {
        totalCount
        nodes {
          muted
          hold
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
